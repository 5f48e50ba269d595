// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DeviceIdentity, identityOf } from "../../src/models/identity.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import type { Flash } from "../../src/ports/flash.js";
import { certificateFolder, makeTestCertificates, writePemFiles } from "./factory/certificates.js";
import { flagId, manufacture } from "./identity.js";
import { RtcFile } from "./rtc.js";
import { StartError } from "./start-error.js";

const names = Object.freeze({ flash: "flash.bin", fram: "fram.bin", rtc: "rtc.json", factory: "factory.json" });

const rightsOfOthers = 0o077;

/** Notes the time of the clock part with every change of the flash: after a kill, time is not behind what was stored. */
export class NotingFlash implements Flash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	readonly #flash: Flash;
	readonly #note: () => void;

	constructor(flash: Flash, note: () => void) {
		this.#flash = flash;
		this.#note = note;
		this.sectorSize = flash.sectorSize;
		this.sectorCount = flash.sectorCount;
	}

	read(address: number, into: Uint8Array): void {
		this.#flash.read(address, into);
	}

	program(address: number, bytes: Uint8Array): void {
		this.#note();
		this.#flash.program(address, bytes);
	}

	erase(sector: number): void {
		this.#note();
		this.#flash.erase(sector);
	}
}

/** The non-volatile memory of one meter in a folder: flash image, FRAM, clock part, and what the factory burnt in. */
export class DataFolder {
	readonly #path: string;
	readonly flashPath: string;
	readonly framPath: string;
	readonly rtc: RtcFile;
	readonly identity: DeviceIdentity;

	/**
	 * @param isFresh forget everything and start as from the factory
	 * @throws StartError when the folder cannot be used or belongs to another model
	 */
	constructor(path: string, model: ModelDescriptor, seed: number, isFresh: boolean, suite = 0) {
		try {
			mkdirSync(path, { recursive: true, mode: 0o700 });
			if (isFresh) for (const name of Object.values(names)) rmSync(join(path, name), { force: true });
		} catch (error) {
			throw new StartError(`data folder ${path}: ${(error as Error).message}`);
		}
		this.#path = path;
		this.flashPath = join(path, names.flash);
		this.framPath = join(path, names.fram);
		this.rtc = new RtcFile(join(path, names.rtc));
		this.identity = readFactory(join(path, names.factory), model, suite) ?? this.#manufacture(path, model, seed, suite);
	}

	/** Files with keys that not only their owner can read (SEC-store). */
	openToOthers(): string[] {
		const certificates = join(this.#path, certificateFolder);
		const keyFiles = existsSync(certificates)
			? readdirSync(certificates).filter((name) => name.endsWith("-key.pem"))
			: [];
		const paths = [this.flashPath, this.framPath, ...keyFiles.map((name) => join(certificates, name))];
		return process.platform === "win32"
			? []
			: paths.filter((path) => existsSync(path) && (statSync(path).mode & rightsOfOthers) !== 0);
	}

	#manufacture(path: string, model: ModelDescriptor, seed: number, suite: number): DeviceIdentity {
		const identity = manufacture(model, seed);
		const serialNumber = Number(Buffer.from(identity.serialNumber).toString("latin1"));
		const file = join(path, names.factory);
		try {
			if (suite > 0) writePemFiles(path, makeTestCertificates(seed, suite, identity.systemTitle));
			const { name, nominalVoltage_V, nominalFrequency_Hz } = model;
			const factory = { model: name, serialNumber, suite, nominalVoltage_V, nominalFrequency_Hz };
			writeFileSync(`${file}.new`, `${JSON.stringify(factory)}\n`, { mode: 0o600 });
			renameSync(`${file}.new`, file);
		} catch (error) {
			throw new StartError(`data folder ${path}: ${(error as Error).message}`);
		}
		return identity;
	}
}

interface Factory {
	readonly model: string;
	readonly serialNumber: number;
	readonly suite?: number;
	readonly nominalVoltage_V?: number;
	readonly nominalFrequency_Hz?: number;
}

/** Of folders that say nothing about it. */
const usual = Object.freeze({ voltage_V: 230, frequency_Hz: 50 });

function readFactory(file: string, model: ModelDescriptor, suite: number): DeviceIdentity | undefined {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw new StartError(`${file}: ${(error as Error).message}`);
	}
	try {
		const factory = JSON.parse(text) as Factory;
		if (factory.model !== model.name)
			throw new StartError(`${file}: this is a ${factory.model}; choose another data folder or --fresh`);
		if ((factory.suite ?? 0) !== suite)
			throw new StartError(`${file}: made for suite ${factory.suite ?? 0}; choose another data folder or --fresh`);
		const { nominalVoltage_V = usual.voltage_V, nominalFrequency_Hz = usual.frequency_Hz } = factory;
		if (nominalVoltage_V !== model.nominalVoltage_V || nominalFrequency_Hz !== model.nominalFrequency_Hz) {
			const ratings = `${nominalVoltage_V} V, ${nominalFrequency_Hz} Hz`;
			throw new StartError(`${file}: made for ${ratings}; choose another data folder or --fresh`);
		}
		return identityOf(model, flagId, factory.serialNumber);
	} catch (error) {
		if (error instanceof StartError) throw error;
		throw new StartError(`${file}: not a factory record of this simulator; choose another data folder or --fresh`);
	}
}
