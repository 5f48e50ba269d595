// SPDX-License-Identifier: Apache-2.0
import type { Association } from "./association.js";
import { ByteReader, bigEndian, concat, encodeLength } from "./bytes.js";
import { ProtocolError, throwIfError } from "./errors.js";

const tag = 0xe0;
const lastBlock = 0x80;
const streaming = 0x40;
const windowBits = 0x3f;

/** One block of a general block transfer (Green Book 9.3.13). */
export interface GeneralBlock {
	readonly isLast: boolean;
	readonly isStreaming: boolean;
	readonly window: number;
	readonly number: number;
	/** The last block of the other side that came in sequence. */
	readonly acknowledged: number;
	readonly data: Uint8Array;
}

export function encodeGeneralBlock({
	isLast = false,
	isStreaming = false,
	window = 1,
	number = 0,
	acknowledged = 0,
	data = new Uint8Array(0),
}: Partial<GeneralBlock>): Uint8Array {
	const control = (isLast ? lastBlock : 0) | (isStreaming ? streaming : 0) | window;
	return concat(tag, control, bigEndian(number, 2), bigEndian(acknowledged, 2), encodeLength(data.length), data);
}

export function decodeGeneralBlock(apdu: Uint8Array): GeneralBlock {
	const r = new ByteReader(apdu);
	if (r.unsigned(1) !== tag) throw new ProtocolError("not a general block", apdu);
	const control = r.unsigned(1);
	const number = r.unsigned(2);
	const acknowledged = r.unsigned(2);
	const data = r.take(r.length());
	r.expectEnd();
	return {
		isLast: (control & lastBlock) !== 0,
		isStreaming: (control & streaming) !== 0,
		window: control & windowBits,
		number,
		acknowledged,
		data,
	};
}

export interface BlockTransferOptions {
	/** Blocks of the meter that are taken at once. */
	readonly window?: number;
	/** Octets of the request in one block. */
	readonly size?: number;
	/** Numbers of the meter's blocks that get lost, each once. */
	readonly lose?: readonly number[];
	/** Numbers of our blocks that get lost, each once. */
	readonly loseOurs?: readonly number[];
	/** The last block of the meter is acknowledged. */
	readonly endWithAcknowledgement?: boolean;
}

/** What a transfer took. */
export interface BlockTransfer {
	/** The answer, protected as it came. */
	readonly answer: Uint8Array;
	readonly received: readonly GeneralBlock[];
}

/** Sends a request, protected already, in general blocks and takes the answer in such, lost blocks asked for again. */
export async function transferInGeneralBlocks(
	association: Association,
	apdu: Uint8Array,
	options: BlockTransferOptions = {},
): Promise<BlockTransfer> {
	const { window = 1, size = 0x7fff } = options;
	const received: GeneralBlock[] = [];
	const receive = async (): Promise<GeneralBlock> => {
		const raw = await association.receiveRaw();
		throwIfError(raw);
		const block = decodeGeneralBlock(raw);
		received.push(block);
		return block;
	};
	const { last, number } = await sendBlocks(association, apdu, size, window, new Set(options.loseOurs), receive);
	const first = last.number;
	const lost = new Set(options.lose);
	const parts: Uint8Array[] = [];
	let own = number;
	for (let block = last; ; block = await receive()) {
		if (block.acknowledged !== own) throw new ProtocolError(`${block.acknowledged} acknowledged, not ${own}`, apdu);
		const isTaken = !lost.delete(block.number) && block.number === first + parts.length;
		if (isTaken) parts.push(block.data);
		if (isTaken && block.isLast) break;
		if (block.isStreaming) continue;
		const acknowledged = first + parts.length - 1;
		await association.sendRaw(encodeGeneralBlock({ window, number: ++own, acknowledged }));
	}
	if (options.endWithAcknowledgement === true) {
		const acknowledged = first + parts.length - 1;
		await association.sendRaw(encodeGeneralBlock({ isLast: true, window, number: ++own, acknowledged }));
	}
	return { answer: concat(...parts), received };
}

/** Sends all blocks of a request, as many at once as the meter takes. @returns the first block of the answer */
async function sendBlocks(
	association: Association,
	apdu: Uint8Array,
	size: number,
	window: number,
	lost: Set<number>,
	receive: () => Promise<GeneralBlock>,
): Promise<{ last: GeneralBlock; number: number }> {
	const count = Math.max(1, Math.ceil(apdu.length / size));
	let taken = 0;
	let credit = 1; // what the meter takes at once it says in its first block
	let acknowledged = 0;
	for (;;) {
		const until = Math.min(taken + credit, count);
		for (let number = taken + 1; number <= until; number++) {
			const data = apdu.slice((number - 1) * size, number * size);
			const isStreaming = number < until;
			const block = { isLast: number === count, isStreaming, window, number, acknowledged, data };
			if (!lost.delete(number) || number === until) await association.sendRaw(encodeGeneralBlock(block));
		}
		const answer = await receive();
		taken = answer.acknowledged;
		credit = answer.window;
		if (taken === count && (answer.data.length > 0 || answer.isLast)) return { last: answer, number: count };
		acknowledged = answer.number;
	}
}
