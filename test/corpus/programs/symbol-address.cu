//// features: cudaGetSymbolAddress, cudaGetSymbolSize, a __device__ table given to a kernel as a pointer
//// sequential
int symbol_address(int *out) {
    for (int i = 0; i < 12; i++) out[i] = 2 * (i + 1);
    return 48;
}
//// kernel
__device__ int table[12];
__global__ void fill_table() { table[threadIdx.x] = threadIdx.x + 1; }
__global__ void twice(int *values) { values[threadIdx.x] *= 2; }
//// wrapper
int symbol_address_cuda(int *out) {
    int *address = nullptr;
    size_t size = 0;
    cudaGetSymbolAddress((void **)&address, table);
    cudaGetSymbolSize(&size, table);
    fill_table<<<1, 12>>>();
    twice<<<1, 12>>>(address);
    cudaMemcpy(out, address, size, cudaMemcpyDeviceToHost);
    return (int)size;
}
//// tests
int out[12];
wrapper(FUNCTION, out);
