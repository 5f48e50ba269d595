// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import type { PortKind } from "../apdu-handler.js";
import { clientIndex } from "../model.js";
import { type SecurityState, setupNumber } from "../security/security-state.js";
import { implementedConformance } from "./conformance.js";

/** The one logical device of the meter. */
export const managementLogicalDevice = 1;

export const applicationContext = Object.freeze({ logicalNames: 1, logicalNamesCiphered: 3 });

export const mechanism = Object.freeze({
	lowest: 0,
	low: 1,
	highMd5: 3,
	highSha1: 4,
	highGmac: 5,
	highSha256: 6,
	highEcdsa: 7,
});

/** A client the meter may be associated with. Each has one context and one mechanism, fixed at manufacture. */
export interface ClientDescriptor {
	readonly name: string;
	readonly sap: number;
	/** Column of the access tables, one of `clientIndex`. */
	readonly index: number;
	/** Value group E of its association object 0-0:40.0.E. */
	readonly association: number;
	/** Value group E of its security setup 0-0:43.0.E; 0 when it has none. */
	readonly setup: number;
	/** Application context number. */
	readonly context: number;
	/** Authentication mechanism number in suite 0; `mechanismOf` tells that of a meter. */
	readonly mechanism: number;
	/** Authenticated by signature in suites 1 and 2. */
	readonly signs?: boolean;
	/** Conformance block offered. */
	readonly conformance: number;
	readonly ports: readonly PortKind[];
	/** Nobody opens or ends its association, and nothing is ever answered on it; its key alone says who speaks. */
	readonly isAlwaysOpen?: boolean;
	/** The client exists only while the switch below the verification seal is open. */
	readonly needsOpenSeal?: boolean;
}

const everyPort: readonly PortKind[] = ["tcp", "optical", "rs485"];
const localPorts: readonly PortKind[] = ["optical", "rs485"];

export const clients: readonly ClientDescriptor[] = deepFreeze([
	{
		name: "public",
		sap: 16,
		index: clientIndex.public,
		association: 2,
		setup: 0,
		context: applicationContext.logicalNames,
		mechanism: mechanism.lowest,
		conformance: 0x00_1214 & implementedConformance,
		ports: everyPort,
	},
	{
		name: "management",
		sap: 1,
		index: clientIndex.management,
		association: 1,
		setup: setupNumber.management,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.highGmac,
		signs: true,
		conformance: 0x60_7edf & implementedConformance,
		ports: everyPort,
	},
	{
		name: "reader",
		sap: 2,
		index: clientIndex.reader,
		association: 4,
		setup: setupNumber.reader,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.highGmac,
		conformance: 0x60_7257 & implementedConformance,
		ports: everyPort,
	},
	{
		name: "technician",
		sap: 3,
		index: clientIndex.technician,
		association: 5,
		setup: setupNumber.technician,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.highGmac,
		conformance: 0x60_7e9f & implementedConformance,
		ports: localPorts,
	},
	{
		name: "consumer",
		sap: 103,
		index: clientIndex.consumer,
		association: 6,
		setup: setupNumber.consumer,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.highGmac,
		conformance: 0x40_1095 & implementedConformance,
		ports: ["optical"],
	},
	{
		name: "preEstablished",
		sap: 102,
		index: clientIndex.preEstablished,
		association: 3,
		setup: setupNumber.broadcast,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.lowest,
		conformance: 0x40_0009 & implementedConformance,
		ports: ["tcp", "udp", "optical", "rs485"],
		isAlwaysOpen: true,
	},
	{
		name: "metrology",
		sap: 4,
		index: clientIndex.metrology,
		association: 7,
		setup: setupNumber.metrology,
		context: applicationContext.logicalNamesCiphered,
		mechanism: mechanism.highGmac,
		signs: true,
		conformance: 0x60_7edf & implementedConformance,
		ports: localPorts,
		needsOpenSeal: true,
	},
]);

/** The client of this SAP if it may open an association on this kind of port, with the seal as it is. */
export function findClient(sap: number, port: PortKind, isSealOpen: boolean): ClientDescriptor | undefined {
	for (let n = 0; n < clients.length; n++) {
		const client = clients[n]!;
		if (client.sap !== sap) continue;
		if (client.isAlwaysOpen === true || !client.ports.includes(port)) return undefined;
		return client.needsOpenSeal === true && !isSealOpen ? undefined : client;
	}
	return undefined;
}

/** The client that needs no association, if it has this SAP and may speak on this kind of port. */
export function findOpenClient(sap: number, port: PortKind): ClientDescriptor | undefined {
	for (let n = 0; n < clients.length; n++) {
		const client = clients[n]!;
		if (client.sap === sap && client.isAlwaysOpen === true && client.ports.includes(port)) return client;
	}
	return undefined;
}

/** The one mechanism a client is authenticated with: that of the factory's descriptor, else the usual one of the suite. */
export function mechanismOf(client: ClientDescriptor, security: SecurityState): number {
	const given = security.mechanismOf(client.name);
	if (given !== undefined) return given;
	return client.signs === true && security.suite > 0 ? mechanism.highEcdsa : client.mechanism;
}

/** @param association value group E of 0-0:40.0.E, 1..7 */
export function clientOfAssociation(association: number): ClientDescriptor {
	for (let n = 0; n < clients.length; n++) if (clients[n]!.association === association) return clients[n]!;
	throw new RangeError(`association ${association}`);
}
