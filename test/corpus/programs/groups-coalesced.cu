//// features: cooperative groups: coalesced_threads in a branch, one atomic for all of them
//// sequential
void groups_coalesced(const int *in, int n, int *count) {
    count[0] = count[1] = 0;
    for (int i = 0; i < n; i++) count[0] += in[i] % 3 == 0;
    for (int w = 0; w < n; w += 32) {
        int in_warp = 0;
        for (int i = w; i < w + 32 && i < n; i++) in_warp += in[i] % 3 == 0;
        count[1] += in_warp > 0;
    }
}
//// kernel
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void tally(const int *in, int n, int *count) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n && in[i] % 3 == 0) {
        cg::coalesced_group active = cg::coalesced_threads();
        if (active.thread_rank() == 0) {
            atomicAdd(&count[0], (int)active.size());
            atomicAdd(&count[1], 1);
        }
    }
}
//// wrapper
void groups_coalesced_cuda(const int *in, int n, int *count) {
    int *d_in, *d_count;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_count, 2 * sizeof(int));
    cudaMemset(d_count, 0, 2 * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    tally<<<(n + 63) / 64, 64>>>(d_in, n, d_count);
    cudaMemcpy(count, d_count, 2 * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_count);
}
//// tests
int in[100], counts[2];
for (int i = 0; i < 100; i++) in[i] = i < 32 ? 1 : i;
wrapper(FUNCTION, in, 100, counts);
