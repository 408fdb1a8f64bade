//// features: launch limits of each dimension of grid and block
//// sequential
void launch_shapes(int *codes) {
    const unsigned shapes[9][6] = {{1, 1, 1, 32, 32, 1}, {1, 1, 1, 32, 33, 1}, {1, 1, 1, 1, 1, 64}, {1, 1, 1, 1, 1, 65}, {1, 65535, 1, 1, 1, 1},
                                   {1, 65536, 1, 1, 1, 1}, {1, 1, 65536, 1, 1, 1}, {70000, 1, 1, 1, 1, 1}, {0, 1, 1, 1, 1, 1}};
    for (int s = 0; s < 9; s++) {
        const unsigned *g = shapes[s], *b = g + 3;
        bool grid = g[0] >= 1 && g[1] >= 1 && g[2] >= 1 && g[0] <= 2147483647u && g[1] <= 65535 && g[2] <= 65535;
        bool block = b[0] >= 1 && b[1] >= 1 && b[2] >= 1 && b[0] * b[1] * b[2] <= 1024 && b[0] <= 1024 && b[1] <= 1024 && b[2] <= 64;
        codes[s] = grid && block ? 0 : 9;
    }
}
//// kernel
__global__ void nothing() {}
//// wrapper
void launch_shapes_cuda(int *codes) {
    dim3 grids[9] = {1, 1, 1, 1, dim3(1, 65535), dim3(1, 65536), dim3(1, 1, 65536), 70000, 0};
    dim3 blocks[9] = {dim3(32, 32), dim3(32, 33), dim3(1, 1, 64), dim3(1, 1, 65), 1, 1, 1, 1, 1};
    for (int s = 0; s < 9; s++) {
        nothing<<<grids[s], blocks[s]>>>();
        codes[s] = cudaGetLastError();
    }
}
//// tests
int codes[9];
wrapper(FUNCTION, codes);
