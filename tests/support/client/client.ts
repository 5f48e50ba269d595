// SPDX-License-Identifier: Apache-2.0
import { type AgreedAssociation, Association, type AssociationOptions } from "./association.js";
import { type Data, decodeData, encodeData } from "./axdr.js";
import { ByteReader, concat } from "./bytes.js";
import { elementsOf, type ObjectRef, ref } from "./data.js";
import { ByteStream, type Duplex, openTcp, type TcpAddress } from "./duplex.js";
import { ProtocolError, RefusedError } from "./errors.js";
import { HdlcLink, type HdlcLinkOptions } from "./hdlc.js";
import type { AddressSize } from "./hdlc-frame.js";
import { decodeObjectList, type ListedObject } from "./object-list.js";
import { type Identification, signOnModeE } from "./optical.js";
import { type CaptureObject, decodeCaptureObject } from "./profile.js";
import {
	type ActionResult,
	type AttributeRef,
	type Block,
	decodeResponse,
	encodeAction,
	encodeActionBlock,
	encodeActionFirst,
	encodeActionList,
	encodeActionListFirst,
	encodeActionNext,
	encodeGet,
	encodeGetList,
	encodeGetNext,
	encodeSet,
	encodeSetBlock,
	encodeSetFirst,
	encodeSetList,
	encodeSetListFirst,
	encodeValues,
	type GetResult,
	type Invocation,
	type MethodRef,
	readActionResult,
	readActionResults,
	readGetResults,
	type Selection,
	type ServiceResponse,
} from "./services.js";
import { type ApduLink, WrapperLink } from "./wrapper.js";

/** How the HDLC layer of an optical or serial line is opened. */
export interface HdlcOptions extends HdlcLinkOptions {
	/** Mode E: sign-on first. Direct: HDLC from the first octet. */
	readonly signOn: "modeE" | "direct";
	/** Address of the sign-on message. */
	readonly signOnAddress?: string | undefined;
	/** Lower HDLC address. */
	readonly device?: number | undefined;
	readonly addressSize?: AddressSize | undefined;
}

/** Longest wait for one answer, real time. */
interface Waiting {
	readonly timeout_ms?: number | undefined;
}

export interface Profile {
	readonly columns: readonly CaptureObject[];
	readonly rows: readonly (readonly Data[])[];
}

/** Octets that the protection and the header of a block need of a PDU, at most. */
const blockOverhead = 60;
const currentAssociation = ref(15, "0-0:40.0.0.255");

/** A DLMS client with logical names; one request at a time. */
export class DlmsClient {
	readonly association: Association;
	/** What the meter said when it signed on in mode E. */
	identification: Identification | undefined;
	#invocationId = 0;

	constructor(link: ApduLink, options: AssociationOptions) {
		this.association = new Association(link, options);
	}

	/** Opens a TCP connection; the association is still to be made. */
	static async connectTcp(options: AssociationOptions & TcpAddress & Waiting): Promise<DlmsClient> {
		return DlmsClient.overWrapper(await openTcp(options), options);
	}

	/** Client over anything that carries octets, framed by the wrapper. */
	static overWrapper(duplex: Duplex, options: AssociationOptions & Waiting): DlmsClient {
		const stream = new ByteStream(duplex, options.timeout_ms);
		return new DlmsClient(new WrapperLink(stream, options.clientSap, options.serverSap ?? 1), options);
	}

	/** Opens the optical port and connects the HDLC layer; the association is still to be made. */
	static async connectOptical(options: AssociationOptions & HdlcOptions & TcpAddress & Waiting): Promise<DlmsClient> {
		return DlmsClient.overHdlc(await openTcp(options), options);
	}

	/** Client over anything that carries octets, framed by HDLC; connects that layer. */
	static async overHdlc(duplex: Duplex, options: AssociationOptions & HdlcOptions & Waiting): Promise<DlmsClient> {
		const stream = new ByteStream(duplex, options.timeout_ms);
		try {
			const identification = options.signOn === "modeE" ? await signOnModeE(stream, options.signOnAddress) : undefined;
			const { clientSap, serverSap = 1, device, addressSize } = options;
			const link = new HdlcLink(stream, { clientSap, serverSap, device, addressSize }, options);
			await link.open();
			const client = new DlmsClient(link, options);
			client.identification = identification;
			return client;
		} catch (error) {
			await stream.close();
			throw error;
		}
	}

	associate(): Promise<AgreedAssociation> {
		return this.association.open();
	}

	release(): Promise<void> {
		return this.association.release();
	}

	/** Releases the association if there is one, and closes the link. */
	async close(): Promise<void> {
		const { association } = this;
		try {
			if (association.agreed !== undefined && !association.link.stream.isClosed) await association.release();
		} finally {
			await association.link.close();
		}
	}

	/** Sends octets as they are and returns the answer as it is. */
	async sendRaw(apdu: Uint8Array): Promise<Uint8Array> {
		await this.association.sendRaw(apdu);
		return this.association.receiveRaw();
	}

	/** The next invoke-id. */
	nextInvocation(): Invocation {
		this.#invocationId = (this.#invocationId + 1) & 0x0f;
		return { id: this.#invocationId };
	}

	async #exchange(apdu: Uint8Array): Promise<ServiceResponse> {
		const plain = await this.association.exchange(apdu);
		const response = decodeResponse(plain);
		if (response.invocation !== apdu[2]) throw new ProtocolError("invoke-id or priority differs", plain);
		return response;
	}

	async get(object: ObjectRef, attribute: number, selection?: Selection): Promise<GetResult> {
		const invocation = this.nextInvocation();
		const response = await this.#exchange(encodeGet(invocation, { ref: object, attribute, selection }));
		if (response.kind === "get") return response.value;
		const raw = await this.#restOfGet(invocation, response);
		return raw instanceof Uint8Array ? { result: 0, data: decodeData(raw) } : { result: raw, data: undefined };
	}

	/** GET with list. */
	async getMany(attributes: readonly AttributeRef[]): Promise<readonly GetResult[]> {
		const invocation = this.nextInvocation();
		const response = await this.#exchange(encodeGetList(invocation, attributes));
		if (response.kind === "getList") return response.values;
		const raw = await this.#restOfGet(invocation, response);
		if (!(raw instanceof Uint8Array)) throw new RefusedError("GET with list", raw);
		const r = new ByteReader(raw);
		const values = readGetResults(r);
		r.expectEnd();
		return values;
	}

	/** Collects the blocks of a long answer, or returns the result the meter ended it with. */
	async #restOfGet(invocation: Invocation, first: ServiceResponse): Promise<Uint8Array | number> {
		const parts: Uint8Array[] = [];
		for (let response = first; ; ) {
			if (response.kind !== "getBlock") throw unexpected(response);
			if (response.block === undefined) return response.result;
			if (response.block.number !== parts.length + 1) throw unexpected(response);
			parts.push(response.block.raw);
			if (response.isLast) return concat(...parts);
			response = await this.#exchange(encodeGetNext(invocation, parts.length));
		}
	}

	/**
	 * The value of one attribute.
	 * @throws RefusedError when the meter gives none
	 */
	async read(object: ObjectRef, attribute: number, selection?: Selection): Promise<Data> {
		const { result, data } = await this.get(object, attribute, selection);
		if (data === undefined) throw new RefusedError(`GET ${object.logicalName} attribute ${attribute}`, result);
		return data;
	}

	/** The result of a SET; in blocks of `blockSize` octets when it is given, or when the meter cannot take it at once. */
	async set(object: ObjectRef, attribute: number, value: Data, blockSize?: number): Promise<number> {
		const invocation = this.nextInvocation();
		const target: AttributeRef = { ref: object, attribute };
		const raw = encodeData(value);
		const size = this.#blockSize(raw, blockSize);
		if (size === undefined) {
			const response = await this.#exchange(encodeSet(invocation, target, value));
			return response.kind === "set" ? response.result : unexpectedSet(response);
		}
		const last = await this.#sendBlocks(raw, size, (block, isFirst) =>
			isFirst ? encodeSetFirst(invocation, target, block) : encodeSetBlock(invocation, block),
		);
		return last.kind === "setLast" || last.kind === "set" ? last.result : unexpectedSet(last);
	}

	/** SET with list. */
	async setMany(
		attributes: readonly AttributeRef[],
		values: readonly Data[],
		blockSize?: number,
	): Promise<readonly number[]> {
		const invocation = this.nextInvocation();
		const raw = encodeValues(values);
		const size = this.#blockSize(raw, blockSize);
		const response =
			size === undefined
				? await this.#exchange(encodeSetList(invocation, attributes, values))
				: await this.#sendBlocks(raw, size, (block, isFirst) =>
						isFirst ? encodeSetListFirst(invocation, attributes, block) : encodeSetBlock(invocation, block),
					);
		if (response.kind === "setList" || response.kind === "setLastList") return response.results;
		return [unexpectedSet(response)];
	}

	async action(object: ObjectRef, method: number, parameter?: Data, blockSize?: number): Promise<ActionResult> {
		const invocation = this.nextInvocation();
		const target: MethodRef = { ref: object, method };
		const raw = parameter === undefined ? new Uint8Array(0) : encodeData(parameter);
		const size = this.#blockSize(raw, blockSize);
		const response =
			size === undefined
				? await this.#exchange(encodeAction(invocation, target, parameter))
				: await this.#sendBlocks(raw, size, (block, isFirst) =>
						isFirst ? encodeActionFirst(invocation, target, block) : encodeActionBlock(invocation, block),
					);
		if (response.kind === "action") return response.value;
		return readActionResult(new ByteReader(await this.#restOfAction(invocation, response)));
	}

	/** ACTION with list; methods without a parameter are given null-data. */
	async actionMany(
		methods: readonly MethodRef[],
		parameters: readonly Data[],
		blockSize?: number,
	): Promise<readonly ActionResult[]> {
		const invocation = this.nextInvocation();
		const raw = encodeValues(parameters);
		const size = this.#blockSize(raw, blockSize);
		const response =
			size === undefined
				? await this.#exchange(encodeActionList(invocation, methods, parameters))
				: await this.#sendBlocks(raw, size, (block, isFirst) =>
						isFirst ? encodeActionListFirst(invocation, methods, block) : encodeActionBlock(invocation, block),
					);
		if (response.kind === "actionList") return response.values;
		return readActionResults(new ByteReader(await this.#restOfAction(invocation, response)));
	}

	async #restOfAction(invocation: Invocation, first: ServiceResponse): Promise<Uint8Array> {
		const parts: Uint8Array[] = [];
		for (let response = first; ; ) {
			if (response.kind !== "actionBlock" || response.block.number !== parts.length + 1) throw unexpected(response);
			parts.push(response.block.raw);
			if (response.block.isLast) return concat(...parts);
			response = await this.#exchange(encodeActionNext(invocation, parts.length));
		}
	}

	/** Undefined when the value goes into one PDU. */
	#blockSize(raw: Uint8Array, wanted: number | undefined): number | undefined {
		if (wanted !== undefined) return wanted;
		const limit = this.association.agreed?.initiate.maximumPduSize ?? 0xffff;
		return limit === 0 || raw.length + blockOverhead <= limit ? undefined : limit - blockOverhead;
	}

	/** Sends all blocks and returns the answer to the last one; an early answer of another kind ends the transfer. */
	async #sendBlocks(
		raw: Uint8Array,
		size: number,
		encode: (block: Block, isFirst: boolean) => Uint8Array,
	): Promise<ServiceResponse> {
		for (let number = 1, at = 0; ; number++, at += size) {
			const isLast = at + size >= raw.length;
			const response = await this.#exchange(encode({ isLast, number, raw: raw.slice(at, at + size) }, number === 1));
			if (isLast || (response.kind !== "setBlock" && response.kind !== "actionNext")) return response;
			if (response.blockNumber !== number) throw unexpected(response);
		}
	}

	/** The objects of the current association with the rights of this client. */
	async readObjectList(): Promise<readonly ListedObject[]> {
		return decodeObjectList(await this.read(currentAssociation, 2));
	}

	/** Columns and rows of a profile; `selection` chooses rows, not columns. */
	async readProfile(logicalName: string, selection?: Selection): Promise<Profile> {
		const profile = ref(7, logicalName);
		const columns = elementsOf(await this.read(profile, 3)).map(decodeCaptureObject);
		const rows = elementsOf(await this.read(profile, 2, selection)).map((row) => elementsOf(row));
		return { columns, rows };
	}
}

function unexpected(response: ServiceResponse): ProtocolError {
	return new ProtocolError(`unexpected ${response.kind}`, new Uint8Array(0));
}

function unexpectedSet(response: ServiceResponse): never {
	throw unexpected(response);
}
