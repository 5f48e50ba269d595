// SPDX-License-Identifier: Apache-2.0

import { getHeapSpaceStatistics } from "node:v8";
import { kindOfAnswer } from "../../../hosts/xs/src/support/answer-kind.js";
import { type Draw, generator, mutate } from "../../../hosts/xs/src/support/draw.js";
import { FuzzMessages } from "../../../hosts/xs/src/support/fuzz-messages.js";
import type { LinkSession } from "../../../src/ports/link.js";
import { fakeMeter, keysOf } from "../../cosem/support/fake-application.js";
import { TestClient } from "../../cosem/support/test-client.js";
import { MeterBench } from "../../events/meter-bench.js";
import { fromHex, toHex } from "../client/bytes.js";
import { getClock } from "./attacks.js";
import { GenuineClient } from "./genuine-client.js";
import { programmingTarget } from "./programming-target.js";
import { RightsJudge } from "./rights-judge.js";
import { datagramTarget, hdlcTarget, opticalTarget, type Target, wrapperTarget } from "./targets.js";

export interface FuzzReport {
	readonly count: number;
	/** What went wrong, with the octets that did it; empty when all is well. */
	readonly failures: string[];
	/** Longest time that one message took. */
	readonly slowest_ms: number;
	/** Octets by which the heap has grown between the first tenth and the end; undefined without a way to collect garbage. */
	readonly growth: number | undefined;
	/** How often each kind of answer came, over each way in: "wrapper: get-response 1". */
	readonly kinds: ReadonlyMap<string, number>;
	/** Messages of the ways in that answer by themselves (wrapper and ciphered) that ended as an unknown tag, of all of them. */
	readonly unknown: number;
}

const longestMessage_ms = 1000;
const probePeriod = 500;
/** After so many, on average, it is the turn of a new meter of the next suite. */
const genuineMessages = 300;
/** Real time does not pass; locks and time-outs must. */
const step_ms = 20;

/**
 * Sends `count` hostile messages: to the whole meter over wrapper, HDLC, datagrams and the optical port in its text modes, and
 * inside genuine protection of all suites, with general-ciphering and general-signing among it, to the server; and to whole meters
 * under keys that were agreed on and signatures that are right.
 * Looks for exceptions, errors in the log, messages that take too long, answers that the access tables do not allow, growth, and
 * a meter that does not answer a valid request afterwards.
 */
export class Fuzzer {
	readonly #draw: Draw;
	readonly #messages: FuzzMessages;
	readonly #kinds = new Map<string, number>();
	#judged = 0;
	#unknown = 0;
	#rights!: RightsJudge;
	readonly #failures: string[] = [];
	#slowest_ms = 0;
	#now_ms = 0;
	#suite = 0;
	#genuineSuite = 0;
	#genuine: GenuineClient | undefined;

	constructor(seed: number) {
		this.#draw = generator(seed);
		this.#messages = new FuzzMessages(this.#draw);
	}

	run(count: number): FuzzReport {
		const bench = new MeterBench({ allowsProgramming: true });
		bench.run(5);
		this.#now_ms = bench.simulated.monotonic_ms();
		this.#rights = new RightsJudge(bench.simulated.meter.application.directory);
		const targets = [
			wrapperTarget(bench),
			hdlcTarget(bench),
			opticalTarget(bench),
			datagramTarget(bench),
			programmingTarget(
				bench,
				this.#draw,
				(kind) => this.#count(kind),
				(what) => this.#failures.push(what),
			),
		];
		const ways = targets.length + 2; // the wrapper twice as often
		const sessions = targets.map((target) => target.open(this.#now_ms));
		let ciphered = this.#ciphered(1);
		let heap = 0;
		for (let n = 0; n < count; n++) {
			if (n === Math.floor(count / 10)) {
				this.#genuine = undefined; // a meter more or less is no growth
				heap = heapUsed();
			}
			if (n % ways >= targets.length) {
				if (n % 2 !== 0) this.#send(targets[0]!, sessions[0]!);
				else if (this.#draw(2) === 0) this.#sendGenuine();
				else if (!this.#sendCiphered(ciphered)) ciphered = this.#ciphered(n);
			} else {
				const at = n % ways;
				this.#send(targets[at]!, sessions[at]!);
				if (sessions[at]!.nextDeadline_ms === Infinity || this.#draw(50) === 0) {
					sessions[at]!.close();
					sessions[at] = targets[at]!.open(this.#now_ms);
					for (const unit of targets[at]!.greeting) sessions[at]!.receive(unit, this.#now_ms);
					targets[at]!.take();
				}
			}
			if (n % probePeriod === probePeriod - 1) {
				for (const target of targets) this.#probe(target, bench);
				this.#probeGenuine();
			}
			if (this.#failures.length > 20) break;
		}
		for (const session of sessions) session.close();
		this.#genuine = undefined;
		const end = heapUsed();
		const growth = end === 0 ? undefined : Math.max(end - heap, 0);
		const unknown = this.#judged === 0 ? 0 : this.#unknown / this.#judged;
		return { count, failures: this.#failures, slowest_ms: this.#slowest_ms, growth, kinds: this.#kinds, unknown };
	}

	/** Counts an answer of which the APDU is known. */
	#judge(way: string, answer: Uint8Array): void {
		const kind = kindOfAnswer(answer);
		this.#count(`${way}: ${kind}`);
		this.#judged++;
		if (kind === "exception 2/2") this.#unknown++;
	}

	#count(name: string): void {
		this.#kinds.set(name, (this.#kinds.get(name) ?? 0) + 1);
	}

	/** In time of the processor: other work of the machine must not look like a hang. */
	#timed(octets: Uint8Array, what: string, work: () => void): void {
		const begin = process.cpuUsage();
		try {
			work();
		} catch (error) {
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			this.#failures.push(`${what} ${toHex(octets)}: ${text}`);
		}
		const { user, system } = process.cpuUsage(begin);
		const took_ms = (user + system) / 1000;
		this.#slowest_ms = Math.max(this.#slowest_ms, took_ms);
		if (took_ms > longestMessage_ms) this.#failures.push(`${what} ${toHex(octets)}: ${took_ms.toFixed(0)} ms`);
	}

	#send(target: Target, session: LinkSession): void {
		const apdu = this.#messages.next();
		const octets = target.dress(apdu, this.#draw);
		this.#now_ms += step_ms;
		this.#timed(octets, target.name, () => {
			session.receive(octets.slice(), this.#now_ms);
			session.advance(this.#now_ms + step_ms);
		});
		const sent = target.take();
		const own = target.apduIn?.(sent);
		if (own !== undefined) this.#judge(target.name, own);
		// an association or a connection that is gone lets nothing further in
		const kind = own === undefined ? "" : kindOfAnswer(own);
		if (kind === "exception 1/1" || (kind === "silence" && target.name === "HDLC" && this.#draw(2) === 0)) {
			for (const unit of target.greeting) session.receive(unit, this.#now_ms);
			target.take();
		}
		const finding = this.#rights.judge(target, apdu, octets, sent);
		if (finding !== undefined) this.#failures.push(finding);
	}

	/** A valid client is served, whatever happened before. */
	#probe(target: Target, bench: MeterBench): void {
		this.#now_ms += 1_000_000; // locks are over
		bench.run(1);
		const session = target.open(this.#now_ms);
		for (const unit of target.greeting) session.receive(unit, this.#now_ms);
		target.take();
		const request = target.probe ?? target.dress(getClock, () => 1);
		session.receive(request, this.#now_ms);
		this.#now_ms += 1000;
		session.advance(this.#now_ms); // the optical port takes its time
		if (!target.hasAnswer(target.take())) this.#failures.push(`${target.name}: no answer to a valid request`);
		session.close();
	}

	/** To a meter of its own, whose associations are opened anew when they are over; the suites in turn. */
	#sendGenuine(): void {
		this.#genuine ??= this.#openGenuine();
		const client = this.#genuine;
		const plain = this.#messages.nextPlain();
		if (plain.length === 0) return;
		const octets = client.dress(plain);
		const way = `genuine, suite ${client.suite}`;
		let answer: Uint8Array = new Uint8Array(0);
		this.#timed(octets, `${way}, ${toHex(plain)} in`, () => {
			answer = client.ask(octets, true);
		});
		this.#failures.push(...client.log.splice(0).map((line) => `${way} ${toHex(octets)}: ${line}`));
		this.#judge(way, answer);
		if (kindOfAnswer(answer) === "exception 1/1" && !client.open()) this.#failures.push(`${way}: not let in again`);
		if (this.#draw(genuineMessages) === 0) this.#genuine = undefined;
	}

	#openGenuine(): GenuineClient {
		this.#genuineSuite = (this.#genuineSuite + 1) % 3;
		const client = new GenuineClient(this.#genuineSuite as 0 | 1 | 2, this.#draw);
		if (!client.open()) this.#failures.push("genuine: a new meter takes nobody");
		if (!client.soften() || !client.isServed()) this.#failures.push("genuine: a new meter serves nobody");
		return client;
	}

	/** The client that has sent it all is served, in a new association where it has ended the old one. */
	#probeGenuine(): void {
		const client = this.#genuine;
		if (client === undefined) return;
		this.#timed(new Uint8Array(0), "genuine probe", () => {
			if (client.isServed() || (client.open() && client.isServed())) return;
			this.#failures.push(`genuine, suite ${client.suite}: no answer to a valid request`);
		});
	}

	/** In the suites in turn. */
	#ciphered(first: number): TestClient {
		const suite = this.#suite++ % 3;
		const client = new TestClient(fakeMeter({ suite }).server, 1);
		const keys = keysOf(suite);
		client.control = 0x30 + suite;
		client.encryptionKey = keys.globalUnicastEncryptionKey;
		client.authenticationKey = keys.authenticationKey;
		client.counter = first;
		return client.connect();
	}

	/** False when the association is over. */
	#sendCiphered(client: TestClient): boolean {
		const draw = this.#draw;
		const content = this.#messages.nextPlain();
		if (content.length === 0) return true;
		const isSigned = draw(8) === 0;
		const signature = Uint8Array.from({ length: [0, 63, 64, 96][draw(4)]! }, () => draw(256));
		const plain = isSigned ? client.sign(draw(4) === 0 ? mutate(content, draw) : content, signature) : content;
		client.form = (["general", "generalCiphering", "global"] as const)[draw(isSigned ? 2 : 3)]!;
		const octets = draw(20) === 0 ? mutate(client.protect(plain), draw) : client.protect(plain);
		let answer = "";
		this.#timed(octets, "ciphered", () => {
			answer = client.send(octets);
		});
		const isOpen = answer === "" || answer.startsWith("d8") || answer.startsWith("e0");
		this.#judge("ciphered", fromHex(isOpen ? answer : client.unprotect(answer).plain));
		return !answer.startsWith("d80101") && draw(400) !== 0;
	}
}

/**
 * Octets in use after a collection of garbage, without what the engine has compiled, which depends on how fast it was;
 * 0 where none can be asked for.
 */
function heapUsed(): number {
	if (globalThis.gc === undefined) return 0;
	globalThis.gc();
	let used = 0;
	for (const { space_name, space_used_size } of getHeapSpaceStatistics())
		if (!/^(code|trusted)/.test(space_name)) used += space_used_size;
	return used;
}
