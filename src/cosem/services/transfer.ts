// SPDX-License-Identifier: Apache-2.0
import type { Content } from "./content.js";
import type { GeneralBlockTransfer } from "./general-block-transfer.js";
import type { LongRequest } from "./long-request.js";

/** A request or a response in blocks, between two of them. */
export class Transfer {
	/** What is left of a response in blocks. */
	answer: Content | undefined;
	/** Response tag the blocks go out with. */
	answerTag = 0;
	/** Number of the block sent last. */
	answerBlock = 0;
	/** A request in blocks, as far as it has come. */
	intake: LongRequest | undefined;
	/** A request or a response in general blocks. */
	general: GeneralBlockTransfer | undefined;
	/** When it is dropped unless it goes on. */
	until_ms = Infinity;
}
