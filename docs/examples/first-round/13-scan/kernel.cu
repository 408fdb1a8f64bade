__global__ void hillis_steele(const int *in, int *out, int n) {
    extern __shared__ int buffer[];
    int t = threadIdx.x;
    int from = 0, to = 1;
    buffer[t] = in[t];
    __syncthreads();
    for (int offset = 1; offset < n; offset *= 2) {
        int value = buffer[from * n + t];
        if (t >= offset) {
            value += buffer[from * n + t - offset];
        }
        buffer[to * n + t] = value;
        __syncthreads();
        from = to;
        to = 1 - to;
    }
    out[t] = buffer[from * n + t];
}
