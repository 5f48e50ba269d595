// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, asOctets, data, ref } from "../../tests/support/client/data.js";
import type { Duplex } from "../../tests/support/client/duplex.js";
import { clientSap, testSecurity } from "../../tests/support/client/test-client.js";

const profileName = "1-0:99.1.0.255";
const captures = 30;
/** Length of the buffer that the scenario has for a request. */
const requestCapacity = 2048;

/** Whether what the client asks makes the meter write to its flash. */
interface Turn {
	isWriting: boolean;
}

/** What the client does with the meter on the engine; throws when an answer is not what it has to be. */
async function visit(client: DlmsClient, turn: Turn): Promise<void> {
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
	turn.isWriting = true;
	for (let n = 0; n < captures; n++)
		assert.equal((await client.action(ref(7, profileName), 2, data.integer(0))).result, 0);
	turn.isWriting = false;
	const profile = await client.readProfile(profileName);
	assert.ok(profile.rows.length >= captures, `${profile.rows.length} rows`);
	const objects = await client.readObjectList();
	assert.ok(objects.length > 150, `${objects.length} objects`);
	await client.release();
}

/** A client in the runner that visits the meter in the engine, one request at a time. */
export class ClientSession {
	readonly #duplex: Duplex;
	readonly #ended: Promise<unknown>;
	#outgoing: Uint8Array[] = [];
	#wake: (() => void) | undefined;
	#error: unknown;
	#isOver = false;
	readonly turn: Turn = { isWriting: false };

	constructor() {
		this.#duplex = {
			write: (bytes) => {
				this.#outgoing.push(Uint8Array.from(bytes));
				this.#wake?.();
			},
			close: () => undefined,
			onData: () => undefined,
			onClose: () => undefined,
		};
		const client = DlmsClient.overWrapper(this.#duplex, {
			clientSap: clientSap.management,
			security: testSecurity(),
			maximumPduSize: 1024,
		});
		this.#ended = visit(client, this.turn)
			.catch((error: unknown) => {
				this.#error = error;
			})
			.finally(() => {
				this.#isOver = true;
				this.#wake?.();
			});
	}

	/** Gives the client what the meter answered, and waits for what it asks next; undefined when it is done. */
	async next(response: Uint8Array): Promise<Buffer | undefined> {
		if (response.length > 0) this.#duplex.onData(Uint8Array.from(response));
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
		const request = Buffer.alloc(requestCapacity);
		Buffer.concat(this.#outgoing).copy(request);
		this.#outgoing = [];
		return request;
	}
}
