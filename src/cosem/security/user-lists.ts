// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";

const layoutVersion = 1;

/** Layout version, number of users; then each user: id, length of the name, name. */
const offset = Object.freeze({ version: 0, count: 1, users: 2 });
const headSize = 2;

/**
 * The users each association knows (user_list of class 15), in non-volatile memory. One list at a time is in RAM: `load`
 * or `clear` begins, the rest works on what is there, and `store` makes it durable.
 */
export class UserLists {
	static readonly maximumUsers = 16;
	static readonly longestName = 16;
	readonly #store: RecordStore;
	readonly #record = new Uint8Array(offset.users + UserLists.maximumUsers * (headSize + UserLists.longestName));
	#length: number = offset.users;

	constructor(store: RecordStore) {
		this.#store = store;
		this.clear();
	}

	/** Who may associate: anybody while the list is empty, else who is on it. */
	isAdmitted(association: number, userId: number | undefined): boolean {
		this.load(association);
		return this.count === 0 || (userId !== undefined && this.find(userId) >= 0);
	}

	/** @param association value group E of 0-0:40.0.E */
	load(association: number): void {
		const length = this.#store.read(recordKey.userLists + association, this.#record);
		if (length < offset.users || this.#record[offset.version] !== layoutVersion) this.clear();
		else this.#length = length;
	}

	clear(): void {
		this.#record[offset.version] = layoutVersion;
		this.#record[offset.count] = 0;
		this.#length = offset.users;
	}

	store(association: number): void {
		this.#store.write(recordKey.userLists + association, this.#record, this.#length);
	}

	get count(): number {
		return this.#record[offset.count]!;
	}

	/** Place of the first user; 0 is no place. */
	get first(): number {
		return offset.users;
	}

	/** Place behind the user at `place`. */
	after(place: number): number {
		return place + headSize + this.#record[place + 1]!;
	}

	idAt(place: number): number {
		return this.#record[place]!;
	}

	/** The name, ASCII; valid until the list changes. */
	nameAt(place: number): Uint8Array {
		return this.#record.subarray(place + headSize, this.after(place));
	}

	/** Place of a user; -1 when the list has not got it. */
	find(userId: number): number {
		for (let place = this.first; place < this.#length; place = this.after(place)) {
			if (this.#record[place] === userId) return place;
		}
		return -1;
	}

	/** False, and nothing changed, when the list is full, has a user of this id, or the name is too long. */
	add(userId: number, name: Uint8Array): boolean {
		if (this.count >= UserLists.maximumUsers || name.length > UserLists.longestName || this.find(userId) >= 0)
			return false;
		this.#record[this.#length] = userId;
		this.#record[this.#length + 1] = name.length;
		this.#record.set(name, this.#length + headSize);
		this.#length += headSize + name.length;
		this.#record[offset.count]!++;
		return true;
	}

	removeAt(place: number): void {
		const next = this.after(place);
		this.#record.copyWithin(place, next, this.#length);
		this.#length -= next - place;
		this.#record[offset.count]!--;
	}
}
