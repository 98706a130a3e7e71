/** Whether CloudTrail marks the call `readOnly`: it changes nothing. A pull is such a call, as every other read. */
export function isReadOnly(operation: string): boolean {
  return /^(Get|List|Describe|Validate|BatchGet|BatchCheck)/.test(operation);
}
