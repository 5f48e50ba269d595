// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { profileClass } from "../class-ids.js";
import { noRestriction } from "../classes/capture-objects.js";
import {
	encodeArray,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { ObjectDirectory } from "../object-directory.js";
import { StoredAttributes } from "../parameters/stored-attributes.js";
import { noMomentOctets } from "./no-moment.js";
import { factoryElements, pushNumber } from "./push-table.js";

/** Attributes that stand in the record. */
const firstAttribute = 2;
const lastAttribute = 12;
/** Octets of all values of one push. */
export const maximumSettings = 1600;

/** SAPs that are pushed to. */
const usualReceiver = 102;
const consumerReceiver = 103;

/**
 * What clients have written into the push setup objects. Kept as records alone and read when it is needed: a setting is
 * looked at once in a quarter of an hour.
 */
export class PushSettings {
	readonly #store: RecordStore;
	readonly #directory: ObjectDirectory;

	constructor(store: RecordStore, directory: ObjectDirectory) {
		this.#store = store;
		this.#directory = directory;
	}

	/** Attributes 2..12 of a push. */
	of(push: number): StoredAttributes {
		const factory = (attribute: number, w: Writer): void => this.encodeFactory(push, attribute, w);
		const shape = { first: firstAttribute, last: lastAttribute, maximum: maximumSettings, factory };
		return new StoredAttributes(this.#store, recordKey.pushSettings + push, shape);
	}

	/** A reader on the value of attribute 2..12 of a push, with its tag. */
	read(push: number, attribute: number): Reader {
		return this.of(push).read(attribute);
	}

	private encodeFactory(push: number, attribute: number, w: Writer): void {
		switch (attribute) {
			case 2:
				this.encodeFactoryList(push, w);
				break;
			case 3:
				encodeStructure(w, 3);
				encodeEnum(w, 0); // TCP
				encodeOctetString(w, noOctets);
				encodeEnum(w, 0); // A-XDR encoded APDU
				break;
			case 4:
			case 10:
				encodeArray(w, 0);
				break;
			case 5:
				encodeLongUnsigned(w, 0);
				break;
			case 6:
				encodeUnsigned(w, push === pushNumber.powerDown ? 0 : 3);
				break;
			case 7:
				encodeStructure(w, 3);
				encodeLongUnsigned(w, 60);
				encodeLongUnsigned(w, 200);
				encodeLongUnsigned(w, 3600);
				break;
			case 8:
				encodeLogicalName(w, parseLogicalName("0-0:25.0.0.255"));
				break;
			case 9:
				encodeInteger(w, push === pushNumber.consumer ? consumerReceiver : usualReceiver);
				break;
			case 11:
				encodeEnum(w, 0);
				break;
			default:
				encodeStructure(w, 2);
				encodeOctetString(w, noMomentOctets());
				encodeDoubleLongUnsigned(w, 0);
		}
	}

	/** Objects that this meter does not have are left out (G10). Of a profile the newest entry is told. */
	private encodeFactoryList(push: number, w: Writer): void {
		const elements = factoryElements(push).filter(
			({ logicalName, classId }) => this.#directory.find(logicalName)?.definition.classId === classId,
		);
		encodeArray(w, elements.length);
		for (const { classId, logicalName, attribute } of elements) {
			encodeStructure(w, 6);
			encodeLongUnsigned(w, classId);
			encodeLogicalName(w, logicalName);
			encodeInteger(w, attribute);
			encodeLongUnsigned(w, 0);
			if (classId === profileClass) {
				encodeStructure(w, 2);
				encodeEnum(w, 2);
				encodeStructure(w, 2);
				encodeLongUnsigned(w, 1);
				encodeLongUnsigned(w, 1);
			} else w.octets(noRestriction);
			encodeArray(w, 0);
		}
	}
}
