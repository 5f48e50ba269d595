// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../../../src/cosem/apdu-handler.js";
import { type HdlcOptions, HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import type { HdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import type { LinkSink } from "../../../src/ports/link.js";
import { StreamServer, type StreamServerOptions } from "./stream-server.js";

export interface Rs485TcpServerOptions extends StreamServerOptions {
	readonly handler: ApduHandler;
	/** Setup of the meter that runs when a master connects. */
	setup(): HdlcSetup;
	readonly hdlc: HdlcOptions;
}

/** An RS485 port as a TCP byte stream: a connection is a master on the pair, and there is place for one. */
export class Rs485TcpServer extends StreamServer<HdlcSession> {
	readonly #rs485: Rs485TcpServerOptions;

	constructor(options: Rs485TcpServerOptions) {
		super("rs485", options);
		this.#rs485 = options;
	}

	protected override createSession(sink: LinkSink, info: LinkInfo, _now_ms: number): HdlcSession {
		const { handler, hdlc } = this.#rs485;
		return new HdlcSession(sink, handler, info, this.#rs485.setup(), hdlc);
	}

	protected override hasRoom(count: number): boolean {
		return count < 1;
	}
}
