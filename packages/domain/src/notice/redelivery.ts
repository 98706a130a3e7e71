/** Decides when a message that was received comes back; it stays in the queue all the while. */
export type Redelivery = {
  /** `receiptHandle`: of the receive at hand. `seconds`: 0 to 43,200. */
  after(receiptHandle: string, seconds: number): Promise<void>;
};
