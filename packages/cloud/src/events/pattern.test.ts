import { describe, expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";
import { EventPatternError } from "./pattern-error.ts";

const event = {
  version: "0",
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  region: "us-east-1",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111", "arn:aws:ec2:x:y:instance/other"],
  detail: {
    state: "initializing",
    FileName: "dir1/image.PNG",
    "c-count": 5,
    "d-count": 3.018e2,
    "x-limit": 301.8,
    "source-ip": "10.0.0.123",
    ipv6: "2001:db8::1",
    responseElements: null,
    empty: [],
    flag: true,
    EventBusArn: "arn:aws:events:us-east-1:123456789012:event-bus/myEventBus",
    items: [
      { kind: "a", size: 1 },
      { kind: "b", size: 2 },
    ],
    nested: { "instance-id": "i-1" },
    backslash: "a*b\\c",
  },
};

/** Mostly the published examples of the EventBridge User Guide, with both outcomes. */
const cases: readonly (readonly [string, unknown, boolean])[] = [
  ["exact value", { source: ["aws.ec2"] }, true],
  ["one of several values", { source: ["aws.s3", "aws.ec2"] }, true],
  ["another exact value", { source: ["aws.ecr"] }, false],
  ["exact is case sensitive", { source: ["AWS.ec2"] }, false],
  ["all fields must match", { source: ["aws.ec2"], region: ["eu-west-1"] }, false],
  ["a nested field", { detail: { state: ["initializing"] } }, true],
  ["a field that is missing", { detail: { missing: ["x"] } }, false],
  ["null", { detail: { responseElements: [null] } }, true],
  ["null does not match missing", { detail: { missing: [null] } }, false],
  ["a boolean", { detail: { flag: [true] } }, true],
  ["a number", { detail: { "c-count": [5] } }, true],
  ["a number is not a string", { detail: { "c-count": ["5"] } }, false],
  ["any element of an array in the event", { resources: ["arn:aws:ec2:x:y:instance/other"] }, true],
  ["prefix", { region: [{ prefix: "us-" }] }, true],
  ["prefix that differs", { region: [{ prefix: "eu-" }] }, false],
  [
    "prefix ignoring case",
    { detail: { EventBusArn: [{ prefix: { "equals-ignore-case": "ARN:AWS:" } }] } },
    true,
  ],
  ["suffix", { detail: { FileName: [{ suffix: ".PNG" }] } }, true],
  ["suffix is case sensitive", { detail: { FileName: [{ suffix: ".png" }] } }, false],
  ["suffix ignoring case", { detail: { FileName: [{ suffix: { "equals-ignore-case": ".png" } }] } }, true],
  ["equals-ignore-case", { source: [{ "equals-ignore-case": "AWS.EC2" }] }, true],
  ["anything-but a string", { detail: { state: [{ "anything-but": "initializing" }] } }, false],
  ["anything-but another string", { detail: { state: [{ "anything-but": "stopped" }] } }, true],
  ["anything-but a list", { detail: { state: [{ "anything-but": ["stopped", "initializing"] }] } }, false],
  [
    "anything-but a list without it",
    { detail: { state: [{ "anything-but": ["stopped", "overloaded"] }] } },
    true,
  ],
  ["anything-but a number", { detail: { "x-limit": [{ "anything-but": 123 }] } }, true],
  ["anything-but a list of numbers", { detail: { "x-limit": [{ "anything-but": [100, 301.8] }] } }, false],
  ["anything-but needs the field", { detail: { missing: [{ "anything-but": "x" }] } }, false],
  ["anything-but prefix", { detail: { state: [{ "anything-but": { prefix: "init" } }] } }, false],
  [
    "anything-but list of prefixes",
    { detail: { state: [{ "anything-but": { prefix: ["x", "stop"] } }] } },
    true,
  ],
  ["anything-but suffix", { detail: { FileName: [{ "anything-but": { suffix: ".PNG" } }] } }, false],
  [
    "anything-but list of suffixes",
    { detail: { FileName: [{ "anything-but": { suffix: [".txt", ".rtf"] } }] } },
    true,
  ],
  ["anything-but wildcard", { detail: { FileName: [{ "anything-but": { wildcard: "*/image*" } }] } }, false],
  [
    "anything-but list of wildcards",
    { detail: { FileName: [{ "anything-but": { wildcard: ["*/lib/*", "x*"] } }] } },
    true,
  ],
  [
    "anything-but equals-ignore-case",
    { detail: { state: [{ "anything-but": { "equals-ignore-case": "INITIALIZING" } }] } },
    false,
  ],
  [
    "anything-but equals-ignore-case list",
    { detail: { state: [{ "anything-but": { "equals-ignore-case": ["A", "b"] } }] } },
    true,
  ],
  ["numeric range", { detail: { "c-count": [{ numeric: [">", 0, "<=", 5] }] } }, true],
  ["numeric range left", { detail: { "c-count": [{ numeric: [">", 0, "<", 5] }] } }, false],
  ["numeric less than", { detail: { "d-count": [{ numeric: ["<", 10] }] } }, false],
  ["numeric equal in another notation", { detail: { "x-limit": [{ numeric: ["=", 3.018e2] }] } }, true],
  ["numeric does not match a string", { detail: { state: [{ numeric: [">", 0] }] } }, false],
  ["cidr", { detail: { "source-ip": [{ cidr: "10.0.0.0/24" }] } }, true],
  ["cidr outside", { detail: { "source-ip": [{ cidr: "10.0.1.0/24" }] } }, false],
  ["cidr of IPv6", { detail: { ipv6: [{ cidr: "2001:db8::/32" }] } }, true],
  ["cidr against no address", { detail: { state: [{ cidr: "10.0.0.0/24" }] } }, false],
  ["exists", { detail: { state: [{ exists: true }] } }, true],
  ["exists for null", { detail: { responseElements: [{ exists: true }] } }, true],
  ["exists of a missing field", { detail: { missing: [{ exists: true }] } }, false],
  ["exists false of a missing field", { detail: { "c-error": [{ exists: false }] } }, true],
  ["exists false below a missing object", { detail: { missing: { deeper: [{ exists: false }] } } }, true],
  ["exists false of a present field", { detail: { state: [{ exists: false }] } }, false],
  ["exists looks at leaves only", { detail: { nested: [{ exists: true }] } }, false],
  ["exists false or a value", { detail: { missing: ["a", { exists: false }] } }, true],
  ["an empty array is no value", { detail: { empty: ["x"] } }, false],
  ["wildcard", { detail: { EventBusArn: [{ wildcard: "arn:aws:events:us-east-1:*:event-bus/*" }] } }, true],
  [
    "wildcard that differs",
    { detail: { EventBusArn: [{ wildcard: "arn:aws:events:*:event-bus/your*" }] } },
    false,
  ],
  ["wildcard must match the whole", { detail: { state: [{ wildcard: "*init" }] } }, false],
  ["wildcard does not overlap", { detail: { state: [{ wildcard: "initializing*g" }] } }, false],
  ["wildcard with escapes", { detail: { backslash: [{ wildcard: "a\\*b\\\\*" }] } }, true],
  ["an array of objects", { detail: { items: { kind: ["b"] } } }, true],
  ["an array of objects without it", { detail: { items: { kind: ["c"] } } }, false],
  ["$or, first", { detail: { $or: [{ "c-count": [{ numeric: [">", 0] }] }, { state: ["x"] }] } }, true],
  ["$or, none", { detail: { $or: [{ "c-count": [{ numeric: [">", 9] }] }, { state: ["x"] }] } }, false],
  [
    "$or beside another field",
    { source: ["aws.s3"], $or: [{ region: ["us-east-1"] }, { region: ["x"] }] },
    false,
  ],
  ["mixed matchers", { detail: { state: [{ prefix: "x" }, { "anything-but": "y" }] } }, true],
];

describe("event patterns", () => {
  test.each(cases)("%s", (_name, pattern, expected) => {
    expect(compilePattern(pattern)(event)).toBe(expected);
  });

  test.each([
    ["an unknown operator", { source: [{ regex: "a" }] }],
    ["two operators in one matcher", { source: [{ prefix: "a", suffix: "b" }] }],
    ["a bare string", { source: "aws.ecr" }],
    ["an empty pattern", {}],
    ["no object", null],
    ["an empty array", { source: [] }],
    ["an empty object", { detail: {} }],
    ["a nested array", { source: [["a"]] }],
    ["$or of one", { $or: [{ source: ["a"] }] }],
    ["numeric without number", { a: [{ numeric: [">", "1"] }] }],
    ["numeric with three parts", { a: [{ numeric: [">", 1, "<"] }] }],
    ["a cidr that is none", { a: [{ cidr: "10.0.0.0/33" }] }],
    ["consecutive wildcards", { a: [{ wildcard: "a**b" }] }],
    ["an unknown escape", { a: [{ wildcard: "a\\b" }] }],
    ["exists with a string", { a: [{ exists: "true" }] }],
    ["anything-but with numeric", { a: [{ "anything-but": { numeric: [">", 1] } }] }],
    ["anything-but of nothing", { a: [{ "anything-but": [] }] }],
    ["an operator named like an object member", { a: [{ toString: "x" }] }],
  ])("refuses %s", (_name, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(EventPatternError);
  });

  test("names where the mistake is", () => {
    expect(() => compilePattern({ detail: { "action-type": [{ regexp: "x" }] } })).toThrow(
      'Event pattern is not valid at detail.action-type: unknown operator "regexp"',
    );
  });
});
