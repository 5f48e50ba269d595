// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../src/core/device-error.js";
import type { FirmwarePart } from "../../src/cosem/application.js";
import type { FactorySecurity } from "../../src/cosem/security/security-state.js";
import type { MeterSettings } from "../../src/main.js";
import { identityOf } from "../../src/models/identity.js";
import { models } from "../../src/models/model.js";

/** What the build was given (`config` of the manifest, command line of mcconfig). Values of the latter are texts. */
export type BuildConfig = Readonly<Record<string, unknown>>;

const checksumSize = 32;

function refuse(what: string): never {
	throw new DeviceError("settings", "invalid", what);
}

function toAscii(text: string): Uint8Array {
	const octets = new Uint8Array(text.length);
	for (let n = 0; n < text.length; n++) octets[n] = text.charCodeAt(n) & 0x7f;
	return octets;
}

function toChecksum(config: BuildConfig, name: string): Uint8Array {
	const text = String(config[name]);
	if (!/^[0-9a-f]{64}$/.test(text)) refuse(`${name} must be 64 hex digits (tools/board-options.ts prints it)`);
	const octets = new Uint8Array(checksumSize);
	for (let n = 0; n < checksumSize; n++) octets[n] = Number.parseInt(text.slice(2 * n, 2 * n + 2), 16);
	return octets;
}

function part(config: BuildConfig, prefix: string, checksum: string, mark = ""): FirmwarePart {
	return {
		identifier: toAscii(`${prefix} ${String(config["version"])}${mark}`),
		checksum: toChecksum(config, checksum),
	};
}

/** True only for a build that was told so on purpose. */
export function allowsTestKeys(config: BuildConfig): boolean {
	return config["allowTestKeys"] === true || config["allowTestKeys"] === "true";
}

/** Programming mode of the optical port was ordered (docs/decisions/0042). */
function allowsProgramming(config: BuildConfig): boolean {
	return config["programming"] === true || config["programming"] === "true";
}

/** Octets of the FRAM on the board; 0 for a board without. @throws DeviceError("settings", "invalid") */
export function framOctets(config: BuildConfig): number {
	const octets = Number(config["framOctets"] ?? 0);
	return octets >= 0 && octets <= 65_536 ? octets : refuse("framOctets must be the octets of the part, or 0");
}

/**
 * Settings of the meter out of the build's configuration.
 * @throws DeviceError("settings", "invalid") naming what is missing or wrong
 */
export function boardSettings(config: BuildConfig, factorySecurity: FactorySecurity): MeterSettings {
	const model = models.find((candidate) => candidate.name === config["model"]);
	if (model === undefined) return refuse(`there is no model ${String(config["model"])}`);
	const serialNumber = Number(config["serialNumber"]);
	if (!Number.isInteger(serialNumber) || serialNumber < 0) return refuse("serialNumber must be given");
	if (String(config["version"]) === "") return refuse("version must be given");
	return {
		model,
		identity: identityOf(model, String(config["flagId"]), serialNumber),
		firmware: {
			metrology: part(config, "SX402M", "metrologyChecksum"),
			application: part(config, "SX402A", "applicationChecksum", allowsTestKeys(config) ? " TEST KEYS" : ""),
		},
		factorySecurity: allowsProgramming(config) ? { ...factorySecurity, allowsProgramming: true } : factorySecurity,
		size: "board",
	};
}
