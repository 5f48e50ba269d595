// SPDX-License-Identifier: Apache-2.0
import type { LinkInfo } from "../../../src/cosem/apdu-handler.js";
import type { LinkSession, LinkSink } from "../../../src/ports/link.js";
import type { Rs485Loop } from "./rs485-loop.js";
import { StreamServer, type StreamServerOptions } from "./stream-server.js";

/** The master's end of a pair: what it sends goes on the wires, what is on the wires comes to it. */
class MasterSession implements LinkSession {
	readonly #loop: Rs485Loop;

	constructor(loop: Rs485Loop, sink: LinkSink) {
		this.#loop = loop;
		loop.onMasterData = (octets) => sink.send(octets);
	}

	get nextDeadline_ms(): number {
		return this.#loop.nextDeadline_ms;
	}

	receive(bytes: Uint8Array, now_ms: number): void {
		this.#loop.advance(now_ms);
		this.#loop.send(bytes);
	}

	advance(now_ms: number): void {
		this.#loop.advance(now_ms);
	}

	close(): void {
		this.#loop.onMasterData = () => undefined;
	}
}

/** A pair with its meters as a TCP byte stream: a connection is the master, and there is place for one. */
export class Rs485LoopServer extends StreamServer<MasterSession> {
	readonly #loop: Rs485Loop;
	#collisionsTold = 0;

	constructor(options: StreamServerOptions, loop: Rs485Loop) {
		super("rs485", options);
		this.#loop = loop;
	}

	/** The meters have deadlines without a master, too. */
	override get nextDeadline_ms(): number {
		return this.#loop.nextDeadline_ms;
	}

	override advance(now_ms: number): void {
		this.#loop.advance(now_ms);
		const { collisions } = this.#loop;
		for (; this.#collisionsTold < collisions.length; this.#collisionsTold++)
			this.options.log?.write(
				"warning",
				"links",
				`collision of ${collisions[this.#collisionsTold]!.stations.join(" and ")}`,
			);
		this.options.time.deadlineChanged();
	}

	protected override createSession(sink: LinkSink, _info: LinkInfo, now_ms: number): MasterSession {
		this.#loop.advance(now_ms);
		return new MasterSession(this.#loop, sink);
	}

	protected override hasRoom(count: number): boolean {
		return count < 1;
	}
}
