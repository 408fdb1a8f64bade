//// features: cooperative groups: thread_block sync, size, thread_index; tiles with shfl, any, ballot
//// sequential
void groups_block_tile(const int *in, int n, int *out) {
    for (int i = 0; i < n; i++) {
        int base = i / 8 * 8, sum = 0, any = 0, ballot = 0;
        for (int k = 0; k < 8; k++) {
            sum += in[base + k];
            any |= in[base + k] == 5;
            ballot |= (in[base + k] % 2 != 0) << k;
        }
        out[i] = sum * 1000 + any * 500 + ballot + in[n - 1 - i];
    }
}
//// kernel
#include <cooperative_groups.h>
using namespace cooperative_groups;
__global__ void grouped(const int *in, int *out) {
    extern __shared__ int turned[];
    thread_block block = this_thread_block();
    auto tile = tiled_partition<8>(block);
    int i = block.thread_rank(), value = in[i], sum = value;
    turned[block.size() - 1 - i] = value;
    for (int d = tile.size() / 2; d > 0; d /= 2) sum += tile.shfl_down(sum, d);
    sum = tile.shfl(sum, 0);
    int any = tile.any(value == 5) ? 1 : 0;
    int ballot = tile.ballot(value % 2 != 0);
    block.sync();
    out[block.thread_index().x] = sum * 1000 + any * 500 + ballot + turned[i];
}
//// wrapper
void groups_block_tile_cuda(const int *in, int n, int *out) {
    int *d_in, *d_out;
    cudaMalloc(&d_in, n * sizeof(int));
    cudaMalloc(&d_out, n * sizeof(int));
    cudaMemcpy(d_in, in, n * sizeof(int), cudaMemcpyHostToDevice);
    grouped<<<1, n, n * sizeof(int)>>>(d_in, d_out);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
//// tests
int in[64], out[64];
for (int i = 0; i < 64; i++) in[i] = i * 7 % 12;
wrapper(FUNCTION, in, 64, out);
