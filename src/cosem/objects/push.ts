// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { access } from "../access.js";
import { pushClass } from "../class-ids.js";
import { pushSetup } from "../classes/push-setup.js";
import { scriptTable } from "../classes/script-table.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { pushNumber } from "../push/push-table.js";
import { executes, scriptRights } from "./scripts.js";

const pushRights = access({
	management: "R*;W2,3,4,5,6,7,8,9,10,11,12;A1",
	reader: "R*",
	technician: "R*;A1",
	metrology: "R*",
});

const withIp: Presence = Object.freeze({ options: optionBit.ip });
const withIpOrHan: Presence = Object.freeze({ options: optionBit.ip | optionBit.han });

const pushes = [0, 1, 2, 3, 4, 5, 6, 7];

function nameOf(push: number): string {
	return `0-${push}:25.9.0.255`;
}

/** Push setups, and the scripts that push: 1 to 7 the push of their number, 8 the one on connectivity. */
export const pushObjects: readonly CosemObject[] = Object.freeze([
	...pushes.map((push) => {
		const isOfIp = push === pushNumber.powerDown || push === pushNumber.installation;
		return object(pushSetup, nameOf(push), pushRights, { push }, isOfIp ? withIp : withIpOrHan);
	}),
	object(
		scriptTable,
		"0-0:10.0.108.255",
		scriptRights,
		{
			scripts: [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({
				id,
				actions: [executes(pushClass, nameOf(id % pushes.length), 1)],
			})),
		},
		withIpOrHan,
	),
]);
