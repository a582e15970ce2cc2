// The part of d3-flextree's interface that the page uses; the package brings no types.
declare module 'd3-flextree' {
  export interface FlexNode<Data> {
    readonly data: Data
    readonly depth: number
    readonly x: number
    readonly y: number
    descendants(): readonly FlexNode<Data>[]
    links(): readonly { readonly source: FlexNode<Data>; readonly target: FlexNode<Data> }[]
  }

  export interface FlexLayout<Data> {
    (tree: FlexNode<Data>): FlexNode<Data>
    hierarchy(data: Data): FlexNode<Data>
  }

  export function flextree<Data>(options: {
    readonly children: (data: Data) => readonly Data[]
    readonly nodeSize: () => readonly [number, number]
  }): FlexLayout<Data>
}
