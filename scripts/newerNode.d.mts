export const nodePackages: Record<string, string>
export function isNewEnough(version?: string): boolean
export function nodeBinary(specifier: string): Promise<string>
export function newerNode(): Promise<string>
