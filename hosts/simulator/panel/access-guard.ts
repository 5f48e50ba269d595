// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** Why a request is refused. */
export interface Refusal {
	readonly statusCode: 401 | 403;
	readonly message: string;
}

/** WebSocket subprotocols: browsers can not send an authorization header, so the token comes as the name of a second one. */
export const liveProtocol = "sx402.live";
const tokenProtocolPrefix = "bearer.";

/** True for addresses and names that reach this machine alone. */
export function isLoopback(host: string): boolean {
	const address = host.replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:/i, "");
	return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/**
 * Who may talk to the panel.
 *
 * On loopback everybody on this machine, elsewhere those who have the token. Never a web page of somebody else: its
 * requests carry a foreign `Origin`, or, when a name of its own was made to point here (DNS rebinding), a foreign `Host`.
 */
export class AccessGuard {
	/** Undefined when bound to loopback. */
	readonly token: string | undefined;
	readonly #host: string;
	readonly #isLoopback: boolean;

	/** @param host address the panel is bound to */
	constructor(host: string) {
		this.#host = host.toLowerCase();
		this.#isLoopback = isLoopback(this.#host);
		this.token = this.#isLoopback ? undefined : randomBytes(24).toString("base64url");
	}

	/** Rules for every request, also for files of the page. */
	refuseForeign(headers: IncomingHttpHeaders): Refusal | undefined {
		const { host, origin } = headers;
		if (host === undefined || !this.#isOwnName(host)) {
			return { statusCode: 403, message: "the Host header names another host than this one" };
		}
		if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
			return { statusCode: 403, message: "requests of other web pages are refused (Origin header)" };
		}
		return undefined;
	}

	/** Further rules for the control interface. */
	refuseControl(headers: IncomingHttpHeaders): Refusal | undefined {
		const site = headers["sec-fetch-site"];
		if (site !== undefined && site !== "same-origin" && site !== "none") {
			return { statusCode: 403, message: "requests of other web pages are refused (Sec-Fetch-Site header)" };
		}
		if (this.token === undefined || isSame(this.token, tokenIn(headers))) return undefined;
		return { statusCode: 401, message: "the token printed at the start is needed: authorization: Bearer <token>" };
	}

	/** Own names are addresses, which nobody can redirect, "localhost", and the name that was bound to. */
	#isOwnName(hostHeader: string): boolean {
		const match = /^(\[[0-9a-f:.]+\]|[^:/?#@\\]+)(:\d{1,5})?$/i.exec(hostHeader);
		if (match === null) return false;
		const name = match[1]!.toLowerCase();
		if (isLoopback(name)) return true;
		if (this.#isLoopback) return false;
		return name === this.#host || isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
	}
}

function tokenIn(headers: IncomingHttpHeaders): string | undefined {
	const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "");
	if (bearer !== null) return bearer[1];
	const protocols = headers["sec-websocket-protocol"]?.split(",") ?? [];
	const named = protocols
		.map((protocol) => protocol.trim())
		.find((protocol) => protocol.startsWith(tokenProtocolPrefix));
	return named?.slice(tokenProtocolPrefix.length);
}

/** Compares digests: neither content nor length shows in the time it takes. */
function isSame(token: string, given: string | undefined): boolean {
	const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(token), digest(given ?? ""));
}
