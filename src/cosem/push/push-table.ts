// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import {
	clockClass,
	dataClass,
	ipv4Class,
	profileClass,
	pushClass,
	registerClass,
	securityClass,
} from "../class-ids.js";
import { parseLogicalName } from "../logical-name.js";

/** Value group B of the push setup objects 0-B:25.9.0. */
export const pushNumber = Object.freeze({ connectivity: 0, alarm: 4, powerDown: 5, consumer: 6, installation: 7 });

export const numberOfPushes = 8;

export interface PushElement {
	readonly classId: number;
	readonly logicalName: number;
	readonly attribute: number;
}

function element(classId: number, name: string, attribute = 2): PushElement {
	return Object.freeze({ classId, logicalName: parseLogicalName(`${name}.255`), attribute });
}

const registers = (codes: readonly string[]): PushElement[] =>
	codes.map((code) => element(registerClass, `1-0:${code}`));
const clock = element(clockClass, "0-0:1.0.0");
const address = element(ipv4Class, "0-0:25.1.0", 3);
const systemTitle = element(securityClass, "0-0:43.0.0", 5);

/** What each push tells as from the factory, behind the logical device name and its own name (object model, section 8). */
const contents: readonly (readonly PushElement[])[] = deepFreeze([
	[address, systemTitle],
	[clock, element(profileClass, "1-0:99.2.0")],
	[element(profileClass, "0-0:98.1.0")],
	[],
	[clock, ...["0-0:97.98.20", "0-0:97.98.21", "0-0:97.98.22"].map((name) => element(dataClass, name))],
	[clock, element(dataClass, "0-0:96.7.21")],
	[
		clock,
		...registers(["1.7.0", "2.7.0", "3.7.0", "4.7.0", "32.7.0", "52.7.0", "72.7.0", "31.7.0", "51.7.0", "71.7.0"]),
		...registers(["1.8.0", "2.8.0", "3.8.0", "4.8.0", "13.7.0"]),
		element(dataClass, "0-0:96.14.0"),
		element(dataClass, "0-0:96.13.0"),
	],
	[address, systemTitle],
]);

const name = element(dataClass, "0-0:42.0.0");

/** Logical name of push setup `push`, 0..7: value group B. */
export function pushName(push: number): number {
	return parseLogicalName("0-0:25.9.0.255") + push * 0x1_0000_0000;
}

/** The list of push `push` as from the factory. */
export function factoryElements(push: number): PushElement[] {
	return [name, { classId: pushClass, logicalName: pushName(push), attribute: 1 }, ...contents[push]!];
}
