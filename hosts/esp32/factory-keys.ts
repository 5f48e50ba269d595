// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../src/core/device-error.js";
import type { FactorySecurity } from "../../src/cosem/security/security-state.js";
import type { Cipher } from "../../src/ports/cipher.js";

/** Names in the factory's NVS namespace. */
const keyNames = Object.freeze(["guek", "gbek", "gak", "kek", "secret"] as const);

/**
 * SHA-256 of the keys that the simulator publishes. The keys themselves are in no build of the board; it only
 * recognises them.
 */
export const publishedKeyDigests: readonly string[] = Object.freeze([
	"be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991",
	"7cf56de794590f24d5b83f0baaf79151064695a7e11638c2f020233c69a12e71",
	"1f919296baf10802bb9783851d948bf3c048cebcf6bec518db898b2938fc2f20",
	"a8faed6abbf35c12a4b26e40f6feb19d736d90045c83b9f9a31f638d323e6811",
	"33cdbc3872b3789776eff6178cd7585d9c9b080c752aa4e92c274d768e2a7ea2",
	"ef797c8118f02dfb649607dd5d3f8c7623048c9c063d532cc95c5ed7a898a64f",
	"80a3e0f93d067cc3a7b99b0692dec4aa6077e8a3bc2ea173c602974e09d68474",
	"66034213c15778e05b26d73a0f1b7740a531ed20fc73265809f90c56f7e9c301",
	"0c6461d11e27c8e09dc62000ef61be82d575d6c1d25d92dba2dd559eca8d873b",
	"4773d12e2371bb935b9a0f5439b4a1c3ad3f2414b86980f8418d1cfabdfadfef",
]);

function toHex(octets: Uint8Array): string {
	let text = "";
	for (const octet of octets) text += (octet + 0x100).toString(16).slice(1);
	return text;
}

function isPublished(key: Uint8Array, cipher: Cipher): boolean {
	const digest = new Uint8Array(32);
	cipher.sha256(key, digest);
	return publishedKeyDigests.includes(toHex(digest));
}

/**
 * Collects the keys that the factory stored.
 *
 * @param read value of a name in the factory's store
 * @param allowsTestKeys true in a build that was configured for development
 * @throws DeviceError("keys", "missing" | "size" | "published") naming the key; the meter must then not start
 */
export function loadFactoryKeys(
	read: (name: string) => Uint8Array | undefined,
	cipher: Cipher,
	allowsTestKeys: boolean,
): FactorySecurity {
	const keys = keyNames.map((name) => {
		const key = read(name);
		if (key === undefined) throw new DeviceError("keys", "missing", `${name} is missing`);
		if (name !== "secret" && key.length !== 16) throw new DeviceError("keys", "size", `${name} has not 16 octets`);
		if (!allowsTestKeys && isPublished(key, cipher)) {
			throw new DeviceError("keys", "published", `${name} is a published test key`);
		}
		return key;
	});
	const [unicast, broadcast, authentication, master, secret] = keys as [
		Uint8Array,
		Uint8Array,
		Uint8Array,
		Uint8Array,
		Uint8Array,
	];
	return {
		globalUnicastEncryptionKey: unicast,
		globalBroadcastEncryptionKey: broadcast,
		authenticationKey: authentication,
		masterKey: master,
		secret,
	};
}
