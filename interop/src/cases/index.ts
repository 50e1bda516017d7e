import type { Case } from "../case-run.ts";
import { compressionGo, compressionHearsay, compressionOff } from "./compression.ts";
import { crashGo, crashHearsay } from "./crash.ts";
import { defaultRoute } from "./default-route.ts";
import { delegateVersion } from "./delegate-version.ts";
import { encryptedV0, encryptedV1 } from "./encrypted.ts";
import { freezeGoLong, freezeGoShort, freezeHearsayLong, freezeHearsayShort } from "./freeze.ts";
import { join } from "./join.ts";
import { keyRotation } from "./key-rotation.ts";
import { labelled } from "./labelled.ts";
import { leave } from "./leave.ts";
import { manyMembers } from "./many-members.ts";
import { messages } from "./messages.ts";
import { metadata } from "./metadata.ts";
import { nameTakenByGo, nameTakenByHearsay } from "./name-taken.ts";
import { plain } from "./plain.ts";
import { halfEncrypted, wrongKey, wrongLabel } from "./refusals.ts";
import { wildcard } from "./wildcard.ts";

/** Every case, in the order of the table of results. */
export const CASES: readonly Case[] = [
  plain,
  labelled,
  encryptedV1,
  encryptedV0,
  compressionGo,
  compressionHearsay,
  compressionOff,
  keyRotation,
  join,
  messages,
  metadata,
  leave,
  crashGo,
  crashHearsay,
  freezeGoShort,
  freezeGoLong,
  freezeHearsayShort,
  freezeHearsayLong,
  manyMembers,
  wildcard,
  defaultRoute,
  delegateVersion,
  nameTakenByHearsay,
  nameTakenByGo,
  wrongLabel,
  wrongKey,
  halfEncrypted,
];
