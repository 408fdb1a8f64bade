//// features: a spin lock by atomicCAS taken by one thread a block, __threadfence
//// sequential
void lock_cas(int blocks, int *out) {
    out[0] = 0, out[1] = 0;
    for (int b = 0; b < blocks; b++) out[0] += b, out[1]++;
}
//// kernel
__device__ int lock = 0;
__global__ void guarded(int *out) {
    if (threadIdx.x != 0) return;
    while (atomicCAS(&lock, 0, 1) != 0) {
    }
    __threadfence();
    volatile int *cells = out;
    cells[0] = cells[0] + blockIdx.x;
    cells[1] = cells[1] + 1;
    __threadfence();
    atomicExch(&lock, 0);
}
//// wrapper
void lock_cas_cuda(int blocks, int *out) {
    int *d_out;
    cudaMalloc(&d_out, 2 * sizeof(int));
    cudaMemset(d_out, 0, 2 * sizeof(int));
    guarded<<<blocks, 32>>>(d_out);
    cudaMemcpy(out, d_out, 2 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[2];
wrapper(FUNCTION, 13, out);
