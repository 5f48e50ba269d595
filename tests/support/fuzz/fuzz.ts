// SPDX-License-Identifier: Apache-2.0

import { mayRead } from "../../../src/cosem/access.js";
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { clientIndex } from "../../../src/cosem/model.js";
import { WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import type { LinkSession } from "../../../src/ports/link.js";
import { frame } from "../../cosem/hdlc/hdlc-frames.js";
import { fakeMeter } from "../../cosem/support/fake-application.js";
import { fuzzRequests } from "../../cosem/support/fuzz-requests.js";
import { TestClient } from "../../cosem/support/test-client.js";
import { MeterBench } from "../../events/meter-bench.js";
import { fromHex, toHex } from "../fake-apdu-handler.js";
import { type Draw, generator, mutate } from "./mutate.js";

export interface FuzzReport {
	readonly count: number;
	/** What went wrong, with the octets that did it; empty when all is well. */
	readonly failures: string[];
	/** Longest time that one message took. */
	readonly slowest_ms: number;
	/** Octets by which the heap has grown between the first tenth and the end; undefined without a way to collect garbage. */
	readonly growth: number | undefined;
}

const publicAarq = "601da109060760857405080101be10040e01000000065f1f0400001214ffff";
const getClock = "c001c100080000010000ff0200";
const longestMessage_ms = 1000;
const probePeriod = 500;
/** Real time does not pass; locks and time-outs must. */
const step_ms = 20;

function wrapped(apdu: Uint8Array, sap = 16): Uint8Array {
	const head = [0, 1, 0, sap, 0, 1, apdu.length >> 8, apdu.length & 255];
	return Uint8Array.from([...head, ...apdu]);
}

/** A link to the whole meter, as the public client uses it. */
interface Target {
	readonly name: string;
	open(): LinkSession;
	/** What the meter has sent since the last call. */
	take(): Uint8Array;
	dress(apdu: Uint8Array, draw: Draw): Uint8Array;
	/** Opens the association. */
	readonly greeting: readonly Uint8Array[];
	/** An answer to GET of the clock is in `octets`. */
	hasAnswer(octets: Uint8Array): boolean;
}

/**
 * Sends `count` mutated messages: to the whole meter over wrapper and HDLC, and inside genuine protection to the server.
 * Looks for exceptions, errors in the log, messages that take too long, answers that the access tables do not allow, growth, and
 * a meter that does not answer a valid request afterwards.
 */
export class Fuzzer {
	readonly #draw: Draw;
	readonly #failures: string[] = [];
	#slowest_ms = 0;
	#now_ms = 0;

	constructor(seed: number) {
		this.#draw = generator(seed);
	}

	run(count: number): FuzzReport {
		const bench = new MeterBench();
		bench.run(5);
		this.#now_ms = bench.simulated.monotonic_ms();
		const targets = [this.#wrapper(bench), this.#hdlc(bench)];
		const sessions = targets.map((target) => target.open());
		let ciphered = this.#ciphered(1);
		let heap = 0;
		for (let n = 0; n < count; n++) {
			if (n === Math.floor(count / 10)) heap = heapUsed();
			if (n % 3 === 2) {
				if (!this.#sendCiphered(ciphered)) ciphered = this.#ciphered(n);
			} else {
				const at = n % 3;
				this.#send(targets[at]!, sessions[at]!, bench);
				if (sessions[at]!.nextDeadline_ms === Infinity || this.#draw(50) === 0) {
					sessions[at]!.close();
					sessions[at] = targets[at]!.open();
					for (const unit of targets[at]!.greeting) sessions[at]!.receive(unit, this.#now_ms);
					targets[at]!.take();
				}
			}
			if (n % probePeriod === probePeriod - 1) for (const target of targets) this.#probe(target, bench);
			if (this.#failures.length > 20) break;
		}
		for (const session of sessions) session.close();
		const end = heapUsed();
		const growth = end === 0 ? undefined : Math.max(end - heap, 0);
		return { count, failures: this.#failures, slowest_ms: this.#slowest_ms, growth };
	}

	#message(): Uint8Array {
		const draw = this.#draw;
		if (draw(10) === 0) return Uint8Array.from({ length: 1 + draw(80) }, () => draw(256));
		return mutate(fromHex(fuzzRequests[draw(fuzzRequests.length)]!), draw);
	}

	#timed(octets: Uint8Array, what: string, work: () => void): void {
		const begin_ms = performance.now();
		try {
			work();
		} catch (error) {
			const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
			this.#failures.push(`${what} ${toHex(octets)}: ${text}`);
		}
		const took_ms = performance.now() - begin_ms;
		this.#slowest_ms = Math.max(this.#slowest_ms, took_ms);
		if (took_ms > longestMessage_ms) this.#failures.push(`${what} ${toHex(octets)}: ${took_ms.toFixed(0)} ms`);
	}

	#send(target: Target, session: LinkSession, bench: MeterBench): void {
		const apdu = this.#message();
		const octets = target.dress(apdu, this.#draw);
		this.#now_ms += step_ms;
		this.#timed(octets, target.name, () => session.receive(octets.slice(), this.#now_ms));
		const answer = toHex(target.take());
		// GET-response-normal with data to a GET-request-normal
		const isGet = apdu.length >= 13 && apdu[0] === 0xc0 && apdu[1] === 1;
		if (!isGet || !new RegExp(`c401${toHex(apdu.subarray(2, 3))}00`).test(answer)) return;
		let name = 0;
		for (let n = 5; n < 11; n++) name = name * 256 + apdu[n]!;
		const found = bench.simulated.meter.application.directory.find(name);
		const attribute = (apdu[11]! << 24) >> 24;
		const isAllowed = found !== undefined && (attribute === 0 || mayRead(found.access, clientIndex.public, attribute));
		if (!isAllowed) this.#failures.push(`${target.name} ${toHex(octets)}: no right to ${answer}`);
	}

	/** A valid client is served, whatever happened before. */
	#probe(target: Target, bench: MeterBench): void {
		this.#now_ms += 1_000_000; // locks are over
		bench.run(1);
		const session = target.open();
		for (const unit of target.greeting) session.receive(unit, this.#now_ms);
		target.take();
		const request = target.dress(fromHex(getClock), () => 1);
		session.receive(request, this.#now_ms);
		if (!target.hasAnswer(target.take())) this.#failures.push(`${target.name}: no answer to a valid request`);
		session.close();
	}

	#wrapper(bench: MeterBench): Target {
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		const setup = { simultaneousConnections: 64, inactivityTimeout_s: 120 };
		const options = { maximumApdu: 4096 };
		return {
			name: "wrapper",
			open: () => {
				const info = { port: "tcp" as const, name: "fuzz" };
				return new WrapperSession(sink, bench.simulated.handler, info, setup, options, this.#now_ms);
			},
			take: () => Uint8Array.from(sent.splice(0)),
			dress: (apdu, draw) => {
				const unit = wrapped(apdu, draw(8) === 0 ? draw(256) : 16);
				return draw(20) === 0 ? mutate(unit, draw) : unit;
			},
			greeting: [wrapped(fromHex(publicAarq))],
			hasAnswer: (octets) => toHex(octets).includes("c401c100090c"),
		};
	}

	#hdlc(bench: MeterBench): Target {
		const sent: number[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
		const options = { maximumApdu: 4096, maximumInformation: 512, connections: 2 };
		const controls = [0x10, 0x32, 0x54, 0x11, 0x31, 0x51, 0x15, 0x93, 0x53, 0x03, 0x97, 0x30, 0x12];
		return {
			name: "HDLC",
			open: () =>
				new HdlcSession(sink, bench.simulated.handler, { port: "optical", name: "fuzz" }, defaultHdlcSetup(1), options),
			take: () => Uint8Array.from(sent.splice(0)),
			dress: (apdu, draw) => {
				const isProbe = draw(2) === 1 && draw(3) === 1 && apdu.length === 13;
				const control = isProbe ? 0x32 : controls[draw(controls.length)]!;
				const information = draw(6) === 0 ? "" : `e6e600${toHex(apdu.subarray(0, 400))}`;
				const octets = fromHex(frame("03", draw(9) === 0 ? "cd" : "21", control, information, draw(7) === 0));
				return draw(10) === 0 ? mutate(octets, draw) : octets;
			},
			greeting: [fromHex(frame("03", "21", 0x93)), fromHex(frame("03", "21", 0x10, `e6e600${publicAarq}`))],
			hasAnswer: (octets) => toHex(octets).includes("c401c100090c"),
		};
	}

	#ciphered(first: number): TestClient {
		const meter = fakeMeter();
		const client = new TestClient(meter.server, 1);
		client.counter = first;
		return client.connect();
	}

	/** False when the association is over. */
	#sendCiphered(client: TestClient): boolean {
		const draw = this.#draw;
		const plain = this.#message();
		if (plain.length === 0) return true;
		client.form = draw(2) === 0 ? "general" : "global";
		const octets = draw(20) === 0 ? mutate(client.protect(plain), draw) : client.protect(plain);
		let answer = "";
		this.#timed(octets, "ciphered", () => {
			answer = client.send(octets);
		});
		return !answer.startsWith("d80101") && draw(400) !== 0;
	}
}

/** Octets in use after a collection of garbage; 0 where none can be asked for. */
function heapUsed(): number {
	if (globalThis.gc === undefined) return 0;
	globalThis.gc();
	return process.memoryUsage().heapUsed;
}
