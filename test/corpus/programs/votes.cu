//// features: __any_sync, __all_sync, __ballot_sync, __activemask, partial masks
//// sequential
void votes(const int *in, int n, unsigned *out) {
    for (int w = 0; w < n / 32; w++) {
        unsigned positive = 0, upper = 0;
        for (int i = 0; i < 32; i++) {
            if (in[32 * w + i] > 0) positive |= 1u << i;
            if (i >= 16 && in[32 * w + i] % 2) upper |= 1u << i;
        }
        out[5 * w] = positive;
        out[5 * w + 1] = positive != 0;
        out[5 * w + 2] = positive == 0xffffffffu;
        out[5 * w + 3] = upper;
        out[5 * w + 4] = 0xffffffffu;
    }
}
//// kernel
__global__ void vote(const int *in, unsigned *out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x, lane = threadIdx.x % 32;
    unsigned *mine = out + 5 * (i / 32);
    unsigned positive = __ballot_sync(0xffffffff, in[i] > 0);
    int any = __any_sync(0xffffffff, in[i] > 0), all = __all_sync(0xffffffff, in[i] > 0);
    unsigned active = __activemask();
    if (lane == 0) mine[0] = positive, mine[1] = any != 0, mine[2] = all != 0, mine[4] = active;
    if (lane >= 16) {
        unsigned odd = __ballot_sync(0xffff0000, in[i] % 2);
        if (lane == 16) mine[3] = odd;
    }
}
//// wrapper
void votes_cuda(const int *in, int n, unsigned *out) {
    int *d_in;
    unsigned *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n / 32 * 5 * sizeof(unsigned));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    vote<<<1, n>>>(d_in, d_out);
    cudaMemcpy(out, d_out, n / 32 * 5 * sizeof(unsigned), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[96];
unsigned out[15];
for (int i = 0; i < 96; i++) in[i] = i < 32 ? i % 3 : i < 64 ? i : 0;
wrapper(FUNCTION, in, 96, out);
