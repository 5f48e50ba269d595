// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import type { Pieces } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { LongRequest } from "./long-request.js";
import type { ServiceContext } from "./service.js";

/** What a service whose requests come in blocks says of itself. */
interface LongRequestKind {
	/** Tag of its requests. */
	readonly tag: number;
	/** A selection stands behind each descriptor. */
	readonly hasSelection: boolean;
	/** Result when the transfer is given up, as too long. */
	readonly aborted: number;
	/** Result of a block that belongs to no transfer. */
	readonly noTransfer: number;
}

/** Octets of class, logical name and number of attribute or method. */
const descriptorLength = 9;

/** Requests that come in blocks, of SET and ACTION: nothing is applied before the last block is there (Green Book 9.3.7, 9.3.8). */
export abstract class LongRequestService {
	protected readonly context: ServiceContext;

	constructor(context: ServiceContext) {
		this.context = context;
	}

	protected abstract get kind(): LongRequestKind;
	/** Asks for the next block. */
	protected abstract acknowledge(invokeId: number, block: number, w: Writer): void;
	/** Serves the request, of which the last block has come. @returns an `outcome`, or the pieces that end in one */
	protected abstract complete(
		association: Association,
		invokeId: number,
		isWithList: boolean,
		r: Reader,
		w: Writer,
	): number | Pieces;
	/** Answers with a result that ends the transfer early. */
	protected abstract end(association: Association, invokeId: number, result: number, w: Writer): void;

	/** @returns as `complete` */
	protected firstBlock(
		association: Association,
		invokeId: number,
		isWithList: boolean,
		r: Reader,
		w: Writer,
	): number | Pieces {
		const { context, kind } = this;
		const from = r.position;
		for (let n = isWithList ? context.readListCount(r) : 1; n > 0; n--) {
			r.skip(descriptorLength);
			if (kind.hasSelection) context.readSelection(r);
		}
		const to = r.position;
		const intake = new LongRequest(kind.tag, isWithList, context.limits.longTransfer);
		association.takeTransfer().intake = intake;
		const isTaken = intake.append(r.bytes, from, to);
		context.block.decode(r);
		if (isTaken) return this.takeBlock(association, invokeId, intake, w);
		this.end(association, invokeId, kind.aborted, w);
		return context.answered;
	}

	/** @returns as `complete` */
	protected furtherBlock(association: Association, invokeId: number, r: Reader, w: Writer): number | Pieces {
		const { context, kind } = this;
		context.block.decode(r);
		const intake = association.transfer?.intake;
		if (intake?.service === kind.tag) return this.takeBlock(association, invokeId, intake, w);
		this.end(association, invokeId, kind.noTransfer, w);
		return context.answered;
	}

	private takeBlock(association: Association, invokeId: number, intake: LongRequest, w: Writer): number | Pieces {
		const { context } = this;
		const { block } = context;
		const result = context.takeBlock(association, intake, block);
		if (result !== dataAccessResult.success) {
			this.end(association, invokeId, result === dataAccessResult.longSetAborted ? this.kind.aborted : result, w);
		} else if (!block.isLast) {
			this.acknowledge(invokeId, block.number, w);
		} else {
			context.endAnswer(association);
			const r = context.whole;
			r.reset(intake.bytes, 0, intake.length);
			return this.complete(association, invokeId, intake.isWithList, r, w);
		}
		return context.answered;
	}
}
