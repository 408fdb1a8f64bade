/** Who says whether a program compiles. Where that is g++, what nvcc would refuse is looked for in the tokens. */
export type Decider = 'g++' | 'nvcc'
