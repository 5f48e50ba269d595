// SPDX-License-Identifier: Apache-2.0
import type { State } from "../state-schema.js";

const tokenKey = "sx402.token";

/** The token comes in the fragment of the address, which browsers keep to themselves, or is typed in. */
export function token(): string | null {
	const given = new URLSearchParams(location.hash.slice(1)).get("token");
	if (given !== null) {
		setToken(given);
		history.replaceState(null, "", location.pathname);
	}
	return sessionStorage.getItem(tokenKey);
}

export function setToken(text: string): void {
	sessionStorage.setItem(tokenKey, text);
}

/** The simulator refused; the message is its own. */
export class RefusedError extends Error {
	override readonly name = "RefusedError";
	readonly statusCode: number;

	constructor(statusCode: number, message: string) {
		super(message);
		this.statusCode = statusCode;
	}
}

export type Method = "GET" | "PUT" | "POST";

/** @throws RefusedError; TypeError when the simulator can not be reached */
export async function call(method: Method, path: string, body?: object): Promise<State> {
	const headers: Record<string, string> = {};
	const bearer = token();
	if (bearer !== null) headers["authorization"] = `Bearer ${bearer}`;
	if (body !== undefined) headers["content-type"] = "application/json";
	const response = await fetch(`/api${path}`, {
		method,
		headers,
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const answer = await response.json();
	if (!response.ok) throw new RefusedError(response.status, String(answer.message));
	return answer as State;
}

/** Sends the newest of many values: a slider in motion gives more of them than there can be requests. */
export class LatestWins {
	readonly #send: (body: object) => Promise<unknown>;
	#waiting: object | undefined;
	#isSending = false;

	constructor(send: (body: object) => Promise<unknown>) {
		this.#send = send;
	}

	get isIdle(): boolean {
		return !this.#isSending;
	}

	async put(body: object): Promise<void> {
		this.#waiting = body;
		if (this.#isSending) return;
		this.#isSending = true;
		try {
			while (this.#waiting !== undefined) {
				const next: object = this.#waiting;
				this.#waiting = undefined;
				await this.#send(next);
			}
		} finally {
			this.#isSending = false;
		}
	}
}
