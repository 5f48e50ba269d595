// SPDX-License-Identifier: Apache-2.0

import { PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import type { SwitchedHandler } from "../../hosts/simulator/switched-handler.js";
import { Writer } from "../../src/cosem/codec/writer.js";
import { type Data, encodeData } from "../../tests/support/client/axdr.js";
import { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, data, ref } from "../../tests/support/client/data.js";
import { ByteStream } from "../../tests/support/client/duplex.js";
import { byEntry } from "../../tests/support/client/profile.js";
import { clientSap, testSecurity } from "../../tests/support/client/test-client.js";
import type { ApduLink } from "../../tests/support/client/wrapper.js";
import { type Setting, settings } from "./settings.js";

const serverSap = 1;
const longestAnswer = 4096;
/** Answers whose protection shows the meter's own counter: tag, length, security control, counter. */
const cipheredAnswers = new Set([0xcc, 0xcd, 0xcf]);
const cipheredSetResponse = 0xcd;
const billingScripts = ref(9, "0-0:10.0.1.255");
const profile = "1-0:99.1.0.255";

/** APDUs straight to the server of a meter, without a line between. */
class HandlerLink implements ApduLink {
	readonly stream = new ByteStream({
		write: () => undefined,
		close: () => undefined,
		onData: () => undefined,
		onClose: () => undefined,
	});
	readonly #handler: SwitchedHandler;
	readonly #isCut: () => boolean;
	readonly #writer = new Writer(longestAnswer);
	#link = -1;
	#answer = new Uint8Array(0);

	constructor(handler: SwitchedHandler, isCut: () => boolean) {
		this.#handler = handler;
		this.#isCut = isCut;
	}

	async open(): Promise<void> {
		this.#link = this.#handler.open({ port: "tcp", name: "torture" });
	}

	send(apdu: Uint8Array): void {
		const bytes = Uint8Array.from(apdu);
		const writer = this.#writer;
		const isAnswered = this.#handler.handle(
			this.#link,
			clientSap.management,
			serverSap,
			bytes,
			0,
			bytes.length,
			writer,
		);
		// the server takes any exception for a fault of the request; the supply is gone all the same
		if (this.#isCut()) throw new PowerCut();
		this.#answer = isAnswered ? writer.bytes.slice(0, writer.position) : new Uint8Array(0);
	}

	async receive(): Promise<Uint8Array> {
		return this.#answer;
	}

	async close(): Promise<void> {
		this.#handler.close(this.#link);
	}
}

/** What the meter holds of one attribute. */
interface Held {
	/** Acknowledged last, in hex; undefined as long as it was not read. */
	stored: string | undefined;
	/** On its way when the supply failed: it may have been stored all the same. */
	offered: string | undefined;
}

/** A head end: sets parameters of all kinds, asks for energies, and remembers what it was told. */
export class HeadEnd {
	acknowledgedSets = 0;
	readonly #handler: SwitchedHandler;
	readonly #random: () => number;
	readonly #find: (what: string) => void;
	readonly #told: (c: number, digits: number) => void;
	readonly #isCut: () => boolean;
	readonly #security = testSecurity();
	readonly #held: Held[] = settings.map(() => ({ stored: undefined, offered: undefined }));
	#client: DlmsClient | undefined;
	#lastSend = 0;
	#changes = -1;
	#accepted: Uint8Array | undefined;

	/** @param told is called with each energy that was read @param isCut whether the supply has failed */
	constructor(
		handler: SwitchedHandler,
		isCut: () => boolean,
		random: () => number,
		find: (what: string) => void,
		told: (c: number, digits: number) => void,
	) {
		this.#handler = handler;
		this.#isCut = isCut;
		this.#random = random;
		this.#find = find;
		this.#told = told;
	}

	/** The supply failed: what was connected is not any more. */
	dropped(): void {
		this.#client = undefined;
	}

	/** Does one thing, of a head end's usual ones. */
	async work(): Promise<void> {
		const what = this.#random();
		if (what < 0.25) await this.#ask();
		else if (what < 0.97) await this.#set(Math.floor(this.#random() * settings.length));
		else await this.#endBilling();
	}

	/** All that was acknowledged is there; no counter was used twice. */
	async check(isThorough: boolean): Promise<void> {
		const client = await this.#connected();
		for (const [n, setting] of settings.entries()) {
			const held = this.#held[n]!;
			if (held.stored === undefined && held.offered === undefined) continue;
			if (!isThorough && held.offered === undefined && this.#random() > 0.25) continue;
			const found = hexOf(await client.read(setting.ref, setting.attribute));
			if (held.stored !== undefined && found !== held.stored && found !== held.offered)
				this.#find(`${setting.name} is ${found}, not ${held.stored}`);
			held.stored = found;
			held.offered = undefined;
		}
		const changes = asNumber(await client.read(ref(1, "0-0:96.2.0.255"), 2));
		// a counter of 16 bits that wraps
		if (this.#changes >= 0 && ((changes - this.#changes) & 0xffff) > 0x7fff)
			this.#find(`counter of changes fell from ${this.#changes} to ${changes}`);
		this.#changes = changes;
		if (!isThorough) return;
		await this.#checkProfile(client);
		await this.#replay(client);
	}

	/** Rows as a client reads them never fall, and none is above the register. */
	async #checkProfile(client: DlmsClient): Promise<void> {
		const inUse = asNumber(await client.read(ref(7, profile), 7));
		if (inUse === 0) return;
		const { columns, rows } = await client.readProfile(profile, byEntry(Math.max(1, inUse - 20), 0));
		const column = columns.findIndex(({ classId, logicalName }) => classId === 3 && logicalName === "1-0:1.8.0.255");
		const energies = rows.map((row) => asNumber(row[column]!));
		energies.push(asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
		for (let n = 1; n < energies.length; n++)
			if (energies[n]! < energies[n - 1]!) this.#find(`A+ of rows falls: ${energies.join(", ")}`);
	}

	/** A request that was taken once is not taken again. */
	async #replay(client: DlmsClient): Promise<void> {
		if (this.#accepted === undefined) return;
		await client.association.sendRaw(this.#accepted);
		const answer = await client.association.receiveRaw();
		if (answer[0] === cipheredSetResponse) this.#find("an invocation counter was taken twice");
		this.#client = undefined;
	}

	async #connected(): Promise<DlmsClient> {
		if (this.#client !== undefined) return this.#client;
		const link = new HandlerLink(this.#handler, this.#isCut);
		await link.open();
		const client = new DlmsClient(link, { clientSap: clientSap.management, security: this.#security });
		client.association.trace = (direction, apdu) => {
			if (direction === "received") this.#note(apdu);
		};
		await client.associate();
		this.#client = client;
		return client;
	}

	/** Every answer of the meter has a counter above all that it ever used. */
	#note(apdu: Uint8Array): void {
		if (!cipheredAnswers.has(apdu[0] ?? 0)) return;
		const lengthSize = apdu[1]! < 0x80 ? 1 : 1 + (apdu[1]! & 0x7f);
		const counter = new DataView(apdu.buffer, apdu.byteOffset).getUint32(2 + lengthSize);
		if (counter <= this.#lastSend) this.#find(`the meter sent counter ${counter} after ${this.#lastSend}`);
		this.#lastSend = Math.max(this.#lastSend, counter);
	}

	async #ask(): Promise<void> {
		const client = await this.#connected();
		for (const c of [1, 2, 5, 9]) this.#told(c, asNumber(await client.read(ref(3, `1-0:${c}.8.0.255`), 2)));
	}

	async #set(n: number): Promise<void> {
		const client = await this.#connected();
		const setting: Setting = settings[n]!;
		const held = this.#held[n]!;
		const value = setting.make(this.#random);
		held.offered = hexOf(value);
		let sent: Uint8Array | undefined;
		const { trace } = client.association;
		client.association.trace = (direction, apdu) => {
			if (direction === "sent") sent = Uint8Array.from(apdu);
			trace(direction, apdu);
		};
		const result = await client.set(setting.ref, setting.attribute, value);
		client.association.trace = trace;
		if (result === 0) {
			held.stored = held.offered;
			this.acknowledgedSets++;
			this.#accepted = sent;
		} else this.#find(`${setting.name} was refused: ${result}`);
		held.offered = undefined;
	}

	async #endBilling(): Promise<void> {
		const client = await this.#connected();
		await client.action(billingScripts, 1, data.longUnsigned(1)); // refused within the lock-out time
	}
}

function hexOf(value: Data): string {
	return Buffer.from(encodeData(value)).toString("hex");
}
