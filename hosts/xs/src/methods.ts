// SPDX-License-Identifier: Apache-2.0
import { callEverything } from "./support/methods.js";
import { openOptical } from "./support/visit.js";

/** Every method and script, called over the deepest of the links. */
export default function run(): void {
	callEverything(openOptical);
}
