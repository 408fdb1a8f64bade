//// features: atomicInc and atomicDec wrap around at their limit
//// sequential
void atomics_wrap(int n, unsigned limit, unsigned *out) {
    unsigned up = 0, down = 0;
    for (int i = 0; i < n; i++) {
        up = up >= limit ? 0 : up + 1;
        down = down == 0 || down > limit ? limit : down - 1;
    }
    out[0] = up, out[1] = down;
}
//// kernel
__global__ void turn(unsigned limit, unsigned *out) {
    atomicInc(&out[0], limit);
    atomicDec(&out[1], limit);
}
//// wrapper
void atomics_wrap_cuda(int n, unsigned limit, unsigned *out) {
    unsigned *d_out;
    cudaMalloc(&d_out, 2 * sizeof(unsigned));
    cudaMemset(d_out, 0, 2 * sizeof(unsigned));
    turn<<<n, 1>>>(limit, d_out);
    cudaMemcpy(out, d_out, 2 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
unsigned out[2];
wrapper(FUNCTION, 5, 10u, out);
---
unsigned out[2];
wrapper(FUNCTION, 25, 6u, out);
