//// features: stream compaction by ballot and __popc, order kept, several blocks in turn
//// sequential
int compaction(const int *in, int n, int *out) {
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (in[i] >= 0) out[kept++] = in[i];
    return kept;
}
//// kernel
__global__ void compact(const int *in, int n, int *out, int *kept) {
    // One warp goes over everything, so that order is kept.
    int lane = threadIdx.x, base = 0;
    for (int from = 0; from < n; from += 32) {
        int i = from + lane;
        bool keep = i < n && in[i] >= 0;
        unsigned votes = __ballot_sync(0xffffffffu, keep);
        if (keep) out[base + __popc(votes & ((1u << lane) - 1))] = in[i];
        base += __popc(votes);
    }
    if (lane == 0) *kept = base;
}
//// wrapper
int compaction_cuda(const int *in, int n, int *out) {
    int *d_in, *d_out, *d_kept, kept;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMalloc(&d_kept, sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    compact<<<1, 32>>>(d_in, n, d_out, d_kept);
    cudaMemcpy(&kept, d_kept, sizeof(int), cudaMemcpyDeviceToHost);
    cudaMemcpy(out, d_out, kept * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
    cudaFree(d_kept);
    return kept;
}
//// tests
int in[7] = {1, -1, 2, -2, -3, 3, 4}, out[7] = {0};
wrapper(FUNCTION, in, 7, out);
---
int in[100], out[100] = {0};
for (int i = 0; i < 100; i++) in[i] = i * 13 % 21 - 10;
wrapper(FUNCTION, in, 100, out);
