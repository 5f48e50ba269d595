// SPDX-License-Identifier: Apache-2.0

/** One column of a profile: a capture object definition (Blue Book 4.3.6). */
export interface CaptureColumn {
	readonly classId: number;
	/** Six octets packed into one number. */
	readonly logicalName: number;
	/** The signed attribute index. */
	readonly attributeIndex: number;
	/** 0: the whole attribute; n: its n-th element. */
	readonly dataIndex: number;
}

export function isSameColumn(a: CaptureColumn, b: CaptureColumn): boolean {
	return (
		a.logicalName === b.logicalName &&
		a.classId === b.classId &&
		a.attributeIndex === b.attributeIndex &&
		a.dataIndex === b.dataIndex
	);
}

/** Columns of a profile besides the clock in front and its own status. */
export const maximumContent = 32;

/** Clock, status and channels. */
export const maximumColumns: number = maximumContent + 2;

/** Octets of the encoded columns of a row. */
export const maximumColumnsSize = 512;
