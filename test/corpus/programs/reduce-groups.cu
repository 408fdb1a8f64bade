//// features: cooperative groups, tiles, cg::reduce with plus, less and greater
//// sequential
void reduce_groups(const int *in, int n, int *out) {
    for (int t = 0; t < n / 16; t++) {
        out[3 * t] = 0, out[3 * t + 1] = in[16 * t], out[3 * t + 2] = in[16 * t];
        for (int i = 16 * t; i < 16 * t + 16; i++) {
            out[3 * t] += in[i];
            if (in[i] < out[3 * t + 1]) out[3 * t + 1] = in[i];
            if (in[i] > out[3 * t + 2]) out[3 * t + 2] = in[i];
        }
    }
}
//// kernel
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;
__global__ void tiles_of_16(const int *in, int *out) {
    cg::thread_block block = cg::this_thread_block();
    cg::thread_block_tile<16> tile = cg::tiled_partition<16>(block);
    int value = in[blockIdx.x * blockDim.x + block.thread_rank()];
    int sum = cg::reduce(tile, value, cg::plus<int>());
    int least = cg::reduce(tile, value, cg::less<int>());
    int most = cg::reduce(tile, value, cg::greater<int>());
    int *mine = out + 3 * (blockIdx.x * (blockDim.x / 16) + tile.meta_group_rank());
    if (tile.thread_rank() == 0) mine[0] = sum, mine[1] = least, mine[2] = most;
}
//// wrapper
void reduce_groups_cuda(const int *in, int n, int *out) {
    int *d_in, *d_out, tiles = n / 16;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, 3 * tiles * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    tiles_of_16<<<tiles / 2, 32>>>(d_in, d_out);
    cudaMemcpy(out, d_out, 3 * tiles * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[64], out[12];
for (int i = 0; i < 64; i++) in[i] = i * 5 % 23 - 6;
wrapper(FUNCTION, in, 64, out);
---
int in[32], out[6];
for (int i = 0; i < 32; i++) in[i] = 100 - i;
wrapper(FUNCTION, in, 32, out);
