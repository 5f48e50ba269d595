// SPDX-License-Identifier: Apache-2.0
import { access } from "../access.js";
import { functionControl } from "../classes/function-control.js";
import { scriptTable } from "../classes/script-table.js";
import { functionControlName, functionScripts } from "../functions/function-scripts.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { scriptRights } from "./scripts.js";

const functionRights = access({ management: "R*;W3;A1,2,3", reader: "R*", technician: "R*", metrology: "R*" });

/** Its schedule stands with the others. */
export const functionControlObjects: readonly CosemObject[] = Object.freeze([
	object(functionControl, functionControlName, functionRights, null),
	object(scriptTable, "0-0:10.0.111.255", scriptRights, { scripts: [], written: functionScripts }),
]);
