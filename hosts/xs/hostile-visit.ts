// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { ObjectDirectory } from "../../src/cosem/object-directory.js";
import { objectIndex } from "../../src/cosem/objects/all.js";
import { st402d } from "../../src/models/model.js";
import { concat } from "../../tests/support/client/bytes.js";
import type { DlmsClient } from "../../tests/support/client/client.js";
import { data, ref } from "../../tests/support/client/data.js";
import { clientSap } from "../../tests/support/client/test-client.js";
import {
	type Attack,
	datagramAttack,
	getClock,
	hdlcAttack,
	opticalAttack,
	wrapped,
	wrapperAttack,
} from "../../tests/support/fuzz/attacks.js";
import { RightsJudge } from "../../tests/support/fuzz/rights-judge.js";
import type { Connect, Exchange, Turn } from "./client-session.js";
import { kindOfAnswer } from "./src/support/answer-kind.js";
import { generator } from "./src/support/draw.js";
import { FuzzMessages } from "./src/support/fuzz-messages.js";

const count = 10_000;
/** Longest lock-out of the port of management, so that it gets in again soon. */
const longestLockout = ref(124, "0-0:44.2.3.255");
/** Requests that take longer than the lock-out. */
const lockedRequests = 100;
/** The optical port takes its time. */
const patientRequests = 50;
/** Kinds of answers that each link must give, or the messages do not reach what they are meant for. */
const fewestKinds = 6;

class HostileVisit {
	readonly #exchange: Exchange;
	readonly #connect: Connect;
	readonly #draw = generator(0x5403);
	readonly #messages = new FuzzMessages(this.#draw);
	readonly #rights = new RightsJudge(new ObjectDirectory(objectIndex, st402d));
	/** On the links 0 to 3; management has the one behind them. */
	readonly #attacks: readonly Attack[] = [wrapperAttack(), hdlcAttack(), opticalAttack(), datagramAttack()];
	readonly #kinds: readonly Set<string>[];
	#client: DlmsClient | undefined;

	constructor(connect: Connect, exchange: Exchange) {
		this.#connect = connect;
		this.#exchange = exchange;
		this.#kinds = [...this.#attacks, 0].map(() => new Set());
	}

	async run(turn: Turn): Promise<void> {
		const genuineLink = this.#attacks.length;
		for (let n = 0; n < count; n++) {
			const link = n % (genuineLink + 1);
			if (link === genuineLink) await this.#sendGenuine(link);
			else await this.#attack(link);
		}
		this.#kinds.forEach((kinds, link) => {
			const isQuiet = this.#attacks[link]?.apduIn === undefined && link !== genuineLink;
			assert.ok(isQuiet || kinds.size >= fewestKinds, `link ${link}: ${[...kinds].join(", ")}`);
		});
		for (const [link, by] of this.#attacks.entries()) {
			turn.isNew = true;
			for (const unit of by.greeting) {
				await this.#exchange(link, unit);
				turn.isNew = false;
			}
			const answer = [await this.#exchange(link, by.probe ?? by.dress(getClock, () => 1))];
			turn.isNew = false;
			for (let n = 0; n < patientRequests; n++) answer.push(await this.#exchange(link, new Uint8Array(0)));
			assert.ok(by.hasAnswer(concat(...answer)), `${by.name}: no answer to a valid request`);
		}
		await this.#enter(genuineLink);
	}

	/** The public client; begins anew where it seems to be out. */
	async #attack(link: number): Promise<void> {
		const by = this.#attacks[link]!;
		const apdu = this.#messages.next();
		const octets = by.dress(apdu, this.#draw);
		const sent = await this.#exchange(link, octets);
		by.observe?.(sent);
		const finding = this.#rights.judge(by, apdu, octets, sent);
		assert.equal(finding, undefined, finding);
		if (by.apduIn === undefined) return;
		const kind = kindOfAnswer(by.apduIn(sent));
		this.#kinds[link]!.add(kind);
		if (kind !== "exception 1/1" && (kind !== "silence" || this.#draw(4) !== 0)) return;
		for (const unit of by.greeting) by.observe?.(await this.#exchange(link, unit));
	}

	/** Inside ciphers that are right. */
	async #sendGenuine(link: number): Promise<void> {
		this.#client ??= await this.#enter(link);
		const session = this.#client.association.session!;
		const plain = this.#messages.nextPlain();
		if (plain.length === 0) return;
		const sent = await this.#exchange(link, wrapped(session.protect(plain), clientSap.management));
		const answer = sent.subarray(8);
		const isPlain = answer.length === 0 || answer[0] === 0xd8;
		const kind = kindOfAnswer(isPlain ? answer : session.unprotect(answer));
		this.#kinds[link]!.add(kind);
		if (kind === "exception 1/1" || this.#draw(400) === 0) this.#client = undefined;
	}

	async #enter(link: number): Promise<DlmsClient> {
		for (let n = 0; n < lockedRequests; n++) await this.#exchange(link, new Uint8Array(0));
		const client = this.#connect(link, clientSap.management);
		await client.associate();
		assert.equal(await client.set(longestLockout, 6, data.doubleLongUnsigned(1)), 0);
		return client;
	}
}

/**
 * Hostile octets to every link of the meter as the public client, and hostile requests inside the genuine protection of
 * management; nothing is given without the right to it, and at the end each link serves a valid request.
 */
export function hostileVisit(connect: Connect, turn: Turn, exchange: Exchange): Promise<void> {
	return new HostileVisit(connect, exchange).run(turn);
}
