// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../../tests/support/client/data.js";
import { decodeDateTime } from "../../tests/support/client/date-time.js";
import type { Duplex } from "../../tests/support/client/duplex.js";
import { byRange } from "../../tests/support/client/profile.js";
import { clientSap, testSecurity } from "../../tests/support/client/test-client.js";

import { hostileVisit } from "./hostile-visit.js";
import { longWritingsVisit } from "./long-writings-visit.js";
import { methodsVisit } from "./methods-visit.js";
import { sweepVisit } from "./sweep-visit.js";

const profileName = "1-0:99.1.0.255";
const captures = 30;
/** Length of the buffer that the scenario has for a request. */
const requestCapacity = 2048;

/** What the scenario is told with each request. */
export interface Turn {
	/** What the client asks makes the meter write to its flash. */
	isWriting: boolean;
	/** The heap is to be read before this request. */
	isMeasured: boolean;
	/** Number of the link that it goes out on. */
	link: number;
	/** That link begins anew, and locks are over. */
	isNew: boolean;
}

/** Makes a client that speaks on a link of the meter on the engine. */
export type Connect = (link: number, sap?: number) => DlmsClient;
/** The same with HDLC, connected, on an optical port. */
export type ConnectHdlc = (link: number) => Promise<DlmsClient>;
/** Octets to a link of it, and what comes back. */
export type Exchange = (link: number, octets: Uint8Array) => Promise<Uint8Array>;

async function capture(client: DlmsClient, turn: Turn): Promise<void> {
	turn.isWriting = true;
	for (let n = 0; n < captures; n++)
		assert.equal((await client.action(ref(7, profileName), 2, data.integer(0))).result, 0);
	turn.isWriting = false;
}

/** One client looks at everything; throws when an answer is not what it has to be. */
async function visit(connect: Connect, turn: Turn): Promise<void> {
	const client = connect(0);
	await client.associate();
	const energy_Wh = asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2));
	assert.ok(energy_Wh > 0, `A+ is ${energy_Wh} Wh`);
	const voltage = asNumber(await client.read(ref(3, "1-0:32.7.0.255"), 2));
	assert.ok(Math.abs(voltage - 2300) <= 3, `U1 is ${voltage / 10} V`);
	assert.equal(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2)).length, 12);
	turn.isWriting = true;
	assert.equal(await client.set(ref(1, "0-0:96.1.1.255"), 2, data.octetString("engine")), 0);
	turn.isWriting = false;
	assert.equal(Buffer.from(asOctets(await client.read(ref(1, "0-0:96.1.1.255"), 2))).toString(), "engine");
	await capture(client, turn);
	const profile = await client.readProfile(profileName);
	assert.ok(profile.rows.length >= captures, `${profile.rows.length} rows`);
	const everything = data.structure(data.longUnsigned(1), data.longUnsigned(0xffff));
	const retrieved = await client.action(ref(123, "0-0:18.0.0.255"), 2, data.structure(data.unsigned(1), everything));
	assert.equal(elementsOf(retrieved.data!).length, profile.rows.length);
	const objects = await client.readObjectList();
	assert.ok(objects.length > 150, `${objects.length} objects`);
	await client.release();
}

/** Eight ciphered associations at once, two on each of four links; the first reads long lists meanwhile. */
async function crowd(connect: Connect, turn: Turn): Promise<void> {
	const clients: DlmsClient[] = [];
	for (let link = 0; link < 4; link++) {
		for (const sap of [clientSap.management, clientSap.reader]) {
			const client = connect(link, sap);
			await client.associate();
			clients.push(client);
		}
	}
	const [first] = clients as [DlmsClient, ...DlmsClient[]];
	turn.isMeasured = true;
	for (const client of clients) {
		turn.isMeasured = client === first;
		assert.ok(asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)) > 0);
	}
	await capture(first, turn);
	const objects = await first.readObjectList();
	assert.ok(objects.length > 150, `${objects.length} objects`);
	const from = decodeDateTime(asOctets(await first.read(ref(8, "0-0:1.0.0.255"), 2)));
	const { rows } = await first.readProfile(
		profileName,
		byRange({ ...from, hour: 0 }, { ...from, hour: 23, minute: 59 }),
	);
	assert.ok(rows.length >= captures, `${rows.length} rows`);
	turn.isMeasured = true;
	for (const client of clients) await client.release();
}

/** What clients do in the scenarios, by the number in `exchange`. */
const visits = Object.freeze([visit, crowd, hostileVisit, sweepVisit, longWritingsVisit, methodsVisit]);

/** Clients in the runner that visit the meter in the engine, one request at a time. */
export class ClientSession {
	/** The one that waits for an answer. */
	#asking: Duplex | undefined;
	/** Takes what comes back for the octets that wait to go out, and for those that are out. */
	#willAnswer: ((octets: Uint8Array) => void) | undefined;
	#answered: ((octets: Uint8Array) => void) | undefined;
	readonly #ended: Promise<unknown>;
	#outgoing: Uint8Array[] = [];
	#wake: (() => void) | undefined;
	#error: unknown;
	#isOver = false;
	readonly turn: Turn = { isWriting: false, isMeasured: false, link: 0, isNew: false };

	/** @param visit number in `visits` */
	constructor(visit: number) {
		const security = testSecurity();
		const connect: Connect = (link, sap = clientSap.management) =>
			DlmsClient.overWrapper(this.#duplex(link), { clientSap: sap, security, maximumPduSize: 1024 });
		const exchange: Exchange = (link, octets) => this.#exchange(link, octets);
		const connectHdlc: ConnectHdlc = (link) =>
			DlmsClient.overHdlc(this.#duplex(link), { clientSap: clientSap.management, security, signOn: "direct" });
		this.#ended = visits[visit]!(connect, this.turn, exchange, connectHdlc)
			.catch((error: unknown) => {
				this.#error = error;
			})
			.finally(() => {
				this.#isOver = true;
				this.#wake?.();
			});
	}

	/** Octets to a link and everything that comes back for them, which may be nothing. */
	#exchange(link: number, octets: Uint8Array): Promise<Uint8Array> {
		this.turn.link = link;
		this.#outgoing.push(octets);
		this.#wake?.();
		return new Promise((resolve) => {
			this.#willAnswer = resolve;
		});
	}

	#duplex(link: number): Duplex {
		const duplex: Duplex = {
			write: (bytes) => {
				this.#asking = duplex;
				this.turn.link = link;
				this.#outgoing.push(Uint8Array.from(bytes));
				this.#wake?.();
			},
			close: () => undefined,
			onData: () => undefined,
			onClose: () => undefined,
		};
		return duplex;
	}

	/** Gives the client what the meter answered, and waits for what it asks next; undefined when it is done. */
	async next(response: Uint8Array): Promise<{ readonly content: Buffer; readonly length: number } | undefined> {
		const answered = this.#answered;
		this.#answered = undefined;
		if (answered !== undefined) answered(Uint8Array.from(response));
		else if (response.length > 0) this.#asking?.onData(Uint8Array.from(response));
		while (this.#outgoing.length === 0 && !this.#isOver) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
				setImmediate(resolve);
			});
		}
		if (this.#outgoing.length === 0) {
			await this.#ended;
			if (this.#error !== undefined) throw this.#error;
			return undefined;
		}
		const content = Buffer.alloc(requestCapacity);
		const length = Buffer.concat(this.#outgoing).copy(content);
		this.#outgoing = [];
		this.#answered = this.#willAnswer;
		this.#willAnswer = undefined;
		return { content, length };
	}
}
