// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../../../src/cosem/apdu-handler.js";
import { OpticalPort } from "../../../src/iec62056-21/optical-port.js";
import type { OpticalPortOptions } from "../../../src/iec62056-21/optical-port-options.js";
import type { LinkSink } from "../../../src/ports/link.js";
import { StreamServer, type StreamServerOptions } from "./stream-server.js";

export interface OpticalTcpServerOptions extends StreamServerOptions {
	readonly handler: ApduHandler;
	readonly optical: OpticalPortOptions;
	/** Without supply there is no light: no head is heard. */
	readonly isPowered?: () => boolean;
}

/**
 * The optical port as a TCP byte stream: a connection is an optical head that is put on, and there is place for one.
 */
export class OpticalTcpServer extends StreamServer<OpticalPort> {
	readonly #optical: OpticalTcpServerOptions;

	constructor(options: OpticalTcpServerOptions) {
		super("optical", options);
		this.#optical = options;
	}

	protected override createSession(sink: LinkSink, info: LinkInfo, _now_ms: number): OpticalPort {
		return new OpticalPort(sink, this.#optical.handler, info, this.#optical.optical);
	}

	protected override hasRoom(count: number): boolean {
		return count < 1 && this.#optical.isPowered?.() !== false;
	}
}
