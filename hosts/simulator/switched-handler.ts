// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LateAnswer, LinkInfo } from "../../src/cosem/apdu-handler.js";
import type { Writer } from "../../src/cosem/codec/writer.js";
import type { CosemServer } from "../../src/cosem/server.js";
import { WrongAnswers } from "./wrong-answers.js";

/**
 * The server of a meter whose supply can be taken away: what the links hold on to while meters come and go.
 * Without supply nothing is answered and no link is opened.
 */
export class SwitchedHandler implements ApduHandler {
	server: CosemServer | undefined;
	/** Told of each request that was served: what the meter has to do next may have come nearer. */
	onServed: () => void = () => undefined;
	/** Answers are right unless a scenario step says otherwise. */
	readonly wrong = new WrongAnswers();

	open(link: LinkInfo): number {
		return this.server?.open(link) ?? -1;
	}

	handle(
		link: number,
		clientSap: number,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
		late?: LateAnswer,
	): boolean {
		const served = (hasAnswer: boolean): boolean => {
			if (hasAnswer) this.wrong.spoil(response);
			this.onServed();
			return hasAnswer;
		};
		const waiting = late && { begins: () => late.begins(), ends: (hasAnswer: boolean) => late.ends(served(hasAnswer)) };
		return served(this.server?.handle(link, clientSap, serverSap, bytes, from, to, response, waiting) ?? false);
	}

	finish(link: number): void {
		this.server?.finish(link);
	}

	handleMore(link: number, clientSap: number, serverSap: number, response: Writer): boolean {
		return this.server?.handleMore(link, clientSap, serverSap, response) ?? false;
	}

	isHeard(link: number, clientSap: number, serverSap: number): boolean {
		return this.server?.isHeard(link, clientSap, serverSap) ?? false;
	}

	isKnown(link: number, clientSap: number, serverSap: number): boolean {
		return this.server?.isKnown(link, clientSap, serverSap) ?? false;
	}

	abort(link: number, clientSap?: number): void {
		this.server?.abort(link, clientSap);
	}

	close(link: number): void {
		this.server?.close(link);
	}

	isAuthenticated(link: number): boolean {
		return this.server?.isAuthenticated(link) ?? false;
	}

	get nextDeadline_ms(): number {
		return this.server?.nextDeadline_ms ?? Infinity;
	}

	advance(now_ms: number): void {
		this.server?.advance(now_ms);
	}
}
