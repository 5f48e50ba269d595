// SPDX-License-Identifier: Apache-2.0
import { defaultMode, electricalBaud } from "../../iec62056-21/local-port-setup.js";
import { optionBit } from "../../models/model.js";
import { access } from "../access.js";
import { type DataSpec, data } from "../classes/data.js";
import { iecHdlcSetup } from "../classes/iec-hdlc-setup.js";
import { iecLocalPortSetup } from "../classes/iec-local-port-setup.js";
import { portProtection } from "../classes/port-protection.js";
import { decodeEnum, encodeEnum } from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import { rs485Role } from "../rs485-role.js";
import { protectionRights } from "./rights.js";

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

/** What RS485 port 1 is for. Whoever speaks over it cannot switch it off: there is always a port to switch it on from. */
const role: DataSpec = {
	value: (w, { application }) => encodeEnum(w, application.rs485Role),
	setValue(r, { application, association }) {
		const wanted = decodeEnum(r);
		const isOff = wanted === rs485Role.off;
		if (!isOff && wanted !== rs485Role.server) return dataAccessResult.otherReason;
		if (isOff && association.port === "rs485") return dataAccessResult.otherReason;
		application.changeRs485Role(wanted);
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

const withRs485: Presence = Object.freeze({ options: optionBit.rs485_1 });

/** Setup and protection of the optical port and of RS485 port 1. */
export const portObjects: readonly CosemObject[] = Object.freeze([
	object(iecLocalPortSetup, "0-0:20.0.0.255", localPortRights, { setup: (application) => application.opticalPort }),
	object(iecHdlcSetup, "0-0:22.0.0.255", hdlcRights, { setup: (application) => application.opticalHdlc }),
	object(
		iecLocalPortSetup,
		"0-0:20.0.1.255",
		localPortRights,
		{
			setup: (application) => application.rs485Port(),
			accepts(field, value) {
				if (field === "defaultMode") return value === defaultMode.hdlc;
				return field === "responseTime" || value === electricalBaud;
			},
		},
		withRs485,
	),
	object(
		iecHdlcSetup,
		"0-1:22.0.0.255",
		hdlcRights,
		{ setup: (application) => application.rs485Hdlc!, onlySpeed: electricalBaud },
		withRs485,
	),
	object(
		data,
		"0-0:96.54.0.255",
		access({ management: "R*;W2", reader: "R*", technician: "R*;W2", metrology: "R*" }),
		role,
		withRs485,
	),
	object(portProtection, "0-0:44.2.0.255", protectionRights, {
		port: "optical",
		reference: "0-0:20.0.0.255",
		isLocal: true,
	}),
	object(
		portProtection,
		"0-0:44.2.1.255",
		protectionRights,
		{ port: "rs485", reference: "0-1:22.0.0.255", isLocal: true },
		withRs485,
	),
]);
