// What any function of this kind cannot do without, as its entry point: the clients, and nothing of ours.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

const ecr = new ECRClient({});
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = async (): Promise<readonly unknown[]> => [ecr, documents];
