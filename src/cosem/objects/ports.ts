// SPDX-License-Identifier: Apache-2.0
import { access } from "../access.js";
import { iecHdlcSetup } from "../classes/iec-hdlc-setup.js";
import { iecLocalPortSetup } from "../classes/iec-local-port-setup.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";

const localPortRights = access({
	management: "R*;W2,3,4,5,6,7,8,9",
	reader: "R*",
	technician: "R*;W3,4,5,6",
	metrology: "R*",
});

const hdlcRights = access({
	management: "R*;W2,3,4,5,6,7,8,9",
	reader: "R*",
	technician: "R*;W2,3,4,5,6,7,8,9",
	metrology: "R*",
});

/** Setup of the optical port. */
export const portObjects: readonly CosemObject[] = Object.freeze([
	object(iecLocalPortSetup, "0-0:20.0.0.255", localPortRights, { setup: (application) => application.opticalPort }),
	object(iecHdlcSetup, "0-0:22.0.0.255", hdlcRights, { setup: (application) => application.opticalHdlc }),
]);
