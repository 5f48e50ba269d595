// SPDX-License-Identifier: Apache-2.0

const blockLength = 4096;

/** One partition called "meter": two blank blocks, unless a test has put another content under it. */
const storage = {
	content: undefined as Uint8Array | undefined,
	open({ path }: { path: string }) {
		if (path !== "meter") throw new Error("no such partition");
		const content = storage.content ?? new Uint8Array(2 * blockLength).fill(0xff);
		function check(offset: number, size: number): void {
			if (offset < 0 || offset + size > content.length) throw new RangeError("out of range");
		}
		return {
			read(into: Uint8Array, offset: number): number {
				check(offset, into.length);
				into.set(content.subarray(offset, offset + into.length));
				return into.length;
			},
			write(octets: Uint8Array, offset: number): void {
				check(offset, octets.length);
				octets.forEach((octet, n) => {
					content[offset + n]! &= octet;
				});
			},
			eraseBlock(block: number): void {
				check(block * blockLength, blockLength);
				content.fill(0xff, block * blockLength, (block + 1) * blockLength);
			},
			status: () => ({ size: content.length, blockLength, blocks: content.length / blockLength }),
			close(): void {},
		};
	},
};
export default storage;
