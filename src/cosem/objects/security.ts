// SPDX-License-Identifier: Apache-2.0
import { type AccessText, access } from "../access.js";
import { associationLn } from "../classes/association-ln.js";
import { type DataSpec, data } from "../classes/data.js";
import { securitySetup } from "../classes/security-setup.js";
import { encodeDoubleLongUnsigned } from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { readByAll } from "./rights.js";

const everything = "R2,3,4,5,6,8,9,10,11";

/** Association of a client with security; the owner also answers the handshake there. */
function association(e: number, rights: AccessText): CosemObject {
	return object(associationLn, `0-0:40.0.${e}.255`, access(rights), { association: e });
}

function setup(e: number, rights: AccessText): CosemObject {
	return object(securitySetup, `0-0:43.0.${e}.255`, access(rights), { setup: e });
}

const setupByManagement = "R*;W3,4;A1,2,3,4,5,6,7,8";

function invocationCounter(e: number): DataSpec {
	return {
		index: e,
		value: (w, { application }, index) => encodeDoubleLongUnsigned(w, application.security.invocationCounter(index)),
	};
}

export const securityObjects: readonly CosemObject[] = Object.freeze([
	association(0, {
		public: "R2,3,4,5,6,8",
		management: `${everything};W7,10;A1,2,5,6`,
		reader: `${everything};A1`,
		technician: `${everything};A1`,
		consumer: `${everything};A1`,
		metrology: `${everything};W7;A1,2`,
	}),
	association(1, { management: `${everything};W7,10;A1,2,5,6` }),
	association(2, { public: "R2,3,4,5,6,8", management: "R2,3,4,5,6,8" }),
	association(3, { management: everything }),
	association(4, { management: `${everything};W7,10;A2,5,6`, reader: `${everything};A1` }),
	association(5, { management: `${everything};W7,10;A2,5,6`, technician: `${everything};A1` }),
	association(6, { management: `${everything};W7,10;A2,5,6`, consumer: `${everything};A1` }),
	association(7, { management: `${everything};W7,10;A2,5,6`, metrology: `${everything};W7;A1,2` }),
	setup(0, {
		management: setupByManagement,
		reader: "R*",
		technician: "R*",
		consumer: "R*",
		metrology: "R*",
	}),
	...[1, 2, 3, 4, 5, 6].map((e) => setup(e, { management: setupByManagement, metrology: "R*" })),
	...[0, 1, 2, 3, 4, 5, 6].map((e) => object(data, `0-0:43.1.${e}.255`, readByAll, invocationCounter(e))),
]);
