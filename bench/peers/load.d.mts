// biome-ignore lint/suspicious/noExplicitAny: peers are installed on demand, so their types are not there
export declare const load: (name: string) => Promise<any>
