// SPDX-License-Identifier: Apache-2.0

const reasons: Readonly<Record<string, string>> = Object.freeze({
	EADDRINUSE: "another program uses this port already; choose another one, or 0 for any free one",
	EACCES: "this port needs rights that this program has not got; choose one above 1023",
	EADDRNOTAVAIL: "this machine has no such address",
	ENOTFOUND: "no such host name",
});

/** A server could not be bound to its address. `code` is that of the operating system. */
export class ListenError extends Error {
	override readonly name = "ListenError";
	readonly code: string;
	readonly host: string;
	readonly port: number;

	constructor(host: string, port: number, code: string) {
		super(`cannot listen on ${host} port ${port}: ${reasons[code] ?? "the operating system refused"} (${code})`);
		this.code = code;
		this.host = host;
		this.port = port;
	}
}
